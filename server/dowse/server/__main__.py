"""`python -m dowse.server`: the command line, for editors that know an interpreter and no path."""

import sys

from dowse.server.cli import main

sys.exit(main())
