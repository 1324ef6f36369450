"""A process that the crash tests kill: it opens a desk and does one job.

It loads everything once, says ``ready``, and reads lines: the job (``sync`` or ``send``) and the
folder of the workspace. For each it makes a process of its own by `fork`, says its number
(``pid 4711``) and at its end how it ended (``ended -9``). That process says ``opened`` and ``done``
as it goes on, so that one can tell what a kill hit; with ``send-later`` it waits for another line
once it has opened. ``report`` is what cron starts on the first of the month.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import alembic.command  # what a fresh store needs; loaded here, so that kills hit the work
import sqlalchemy.dialects.sqlite.pysqlite

import pelayanan.cli.mailing
import pelayanan.desk.scoring
import pelayanan.drivers._http
import pelayanan.drivers._mail
import pelayanan.platforms.bluesky
import pelayanan.platforms.email
from pelayanan.cli import main as main_of
from pelayanan.desk import Config, Desk
from pelayanan.protocol.transport import Transport
from pelayanan.testing import FakeBluesky, FakeMailbox

_LOADED = alembic.command, sqlalchemy.dialects, pelayanan.drivers, pelayanan.platforms
WORLDS: dict[str, Callable[..., Transport]] = {"bluesky": FakeBluesky, "mailbox": FakeMailbox}


def say(line: str) -> None:
    """In one piece: whoever is killed says all of a line or nothing."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def work(line: str) -> None:
    job, _, place = line.rstrip("\n").partition(" ")
    folder = Path(place)
    said: dict[str, Any] = json.loads((folder / "workspace.json").read_text("utf-8"))
    config = Config.of(said["config"], folder=folder)
    kind, world = said["world"] or ("", "")
    transport = WORLDS[kind](folder=world) if kind else None
    with Desk.open(config, transport=transport) as desk:
        say("opened")
        if job == "send-later":
            sys.stdin.readline()
        if job == "report":
            desk.close()
            told = ["--config", str(folder / "pelayanan.toml"), "--json"]
            to = (folder / "readers").read_text("utf-8")
            sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115  its lines are not ours
            code = main_of(["report", "--month", "last", "--mail-to", to, *told])
            sys.stdout = sys.__stdout__
            failed = [f"code {code}"] if code else []
        elif job == "sync":
            failed = [each.failed for each in desk.sync().failed]
        else:
            failed = [each.error for each in desk.send().drafts if each.error]
        say(" ".join(["done", *failed[:1]]))


def child(line: str) -> NoReturn:
    code = 1
    try:
        work(line)
        code = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(code)


def main() -> None:
    say("ready")
    while line := sys.stdin.readline():
        process = os.fork()
        if process == 0:
            child(line)
        say(f"pid {process}")
        _, status = os.waitpid(process, 0)
        say(f"ended {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()
