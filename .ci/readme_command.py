"""Print the README's set-up command number N: the block after `<!-- skip: set-up ... -->`."""

import re
import sys
from pathlib import Path

_BLOCK = re.compile(r"<!-- skip: set-up[^\n]*-->\s*```sh\n(.*?)```", re.DOTALL)


def main() -> None:
    blocks = _BLOCK.findall(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.stdout.write(blocks[int(sys.argv[2]) - 1])


if __name__ == "__main__":
    main()
