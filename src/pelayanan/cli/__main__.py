"""``python -m pelayanan.cli`` is ``pelayanan``."""

import sys

from pelayanan.cli.main import main

sys.exit(main())
