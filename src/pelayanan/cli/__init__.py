"""The command line: ``pelayanan COMMAND``, for cron and for people.

Exit codes: 0 done; 1 part of it failed, the rest is done and stored; 2 wrong usage or
configuration; 75 try again later.
"""

from pelayanan.cli.main import main

__all__ = ["main"]
