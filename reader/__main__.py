"""Run the command line, as `python -m reader` and as the script `reader`.

Until the program handles signals, ctrl+c ends it as it ends any program: during the imports a
KeyboardInterrupt would print a traceback, or could be lost.
"""

import signal
import sys

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # it may be ignored
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from reader.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
