"""A receiving process that the flood test kills: one webhook a line in, one status a line out."""

import base64
import json
import sys
from pathlib import Path

from pelayanan.desk import Config, Desk
from pelayanan.platforms import WhatsApp  # loaded here, so that kills hit the work

_LOADED = WhatsApp


def main() -> None:
    folder = Path(sys.argv[1])
    config = Config.of(json.loads((folder / "workspace.json").read_text("utf-8")), folder=folder)
    with Desk.open(config) as desk:
        for line in sys.stdin:
            told = json.loads(line)
            body = base64.b64decode(told["body"])
            answer = desk.receive("dinsos-wa", told["headers"], body)
            sys.stdout.write(f"{told['number']} {answer.status}\n")  # in one piece
            sys.stdout.flush()


if __name__ == "__main__":
    main()
