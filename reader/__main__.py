"""`python -m reader` is the command `reader`."""

import sys

from reader.cli.main import main

sys.exit(main())
