"""A process that the crash tests kill: it opens a desk and does one job.

It says ``ready`` once all is imported, then reads one line from standard input: the job (``sync``
or ``send``) and the folder of the workspace. It says ``opened`` and ``done`` as it goes on, so
that one can tell what a kill hit. With ``send-later`` it waits for another line once it has opened.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import alembic.command  # what a fresh store needs; loaded here, so that kills hit the work
import sqlalchemy.dialects.sqlite.pysqlite

import pelayanan.drivers._http
import pelayanan.platforms.bluesky
import pelayanan.platforms.email
from pelayanan.desk import Config, Desk
from pelayanan.protocol.transport import Transport
from pelayanan.testing import FakeBluesky, FakeMailbox

_LOADED = alembic.command, sqlalchemy.dialects, pelayanan.drivers, pelayanan.platforms
WORLDS: dict[str, Callable[..., Transport]] = {"bluesky": FakeBluesky, "mailbox": FakeMailbox}


def main() -> None:
    print("ready", flush=True)
    job, _, place = sys.stdin.readline().rstrip("\n").partition(" ")
    folder = Path(place)
    said: dict[str, Any] = json.loads((folder / "workspace.json").read_text("utf-8"))
    config = Config.of(said["config"], folder=folder)
    kind, world = said["world"] or ("", "")
    transport = WORLDS[kind](folder=world) if kind else None
    with Desk.open(config, transport=transport) as desk:
        print("opened", flush=True)
        if job == "send-later":
            sys.stdin.readline()
        if job == "sync":
            failed = [each.failed for each in desk.sync().failed]
        else:
            failed = [each.error for each in desk.send().drafts if each.error]
        print("done", *failed[:1], flush=True)


if __name__ == "__main__":
    main()
