"""Run the command line with `python -m reader`, or as the command `reader`.

`run` owns what holds for the whole process: signals before the command line handles them, and
its end, with the exit code that `main` returned and no output of Python's own.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import warnings
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType

_INTERRUPTED = 128 + signal.SIGINT


def run() -> NoReturn:
    """Run the command line and end the process.

    It ends without Python's clean-up, which resets signal handlers, waits for threads and reports
    errors on its own. Everything is saved and closed by then.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _exit_at_once)
    if not sys.flags.dev_mode:
        warnings.simplefilter("ignore")  # with PYTHONWARNINGS=error they would be errors
    sys.unraisablehook = _handle_unraisable
    try:
        code = _run_main()
    except KeyboardInterrupt:
        code = _INTERRUPTED
    except Exception as error:  # noqa: BLE001  a module is damaged, such as the one that reports errors
        code = 1
        _leave_early_screen()
        with contextlib.suppress(OSError):
            os.write(2, f"reader: it can't be loaded: {error!a}\n".encode())
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):  # closed, or None
            stream.flush()
    os._exit(code)


def _run_main() -> int:
    from reader.drawing.kept_frame import show_kept_frame

    show_kept_frame(sys.argv[1:], sys.platform)

    from reader.cli.main import main

    if signal.getsignal(signal.SIGINT) is _exit_at_once:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return main()
    except SystemExit as end:  # help or the version was printed
        return end.code if isinstance(end.code, int) else 0


def _leave_early_screen() -> None:
    """Give the terminal back if a kept frame is shown on it."""
    with contextlib.suppress(ImportError):
        from reader.drawing.early_screen import EARLY_SCREEN

        EARLY_SCREEN.leave()


def _exit_at_once(number: int, _frame: FrameType | None) -> NoReturn:
    """End while modules are imported, when nothing is open yet."""
    os._exit(128 + number)


def _handle_unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    """Drop an error that nothing can catch, such as in `__del__`; obey an interrupt."""
    if isinstance(unraisable.exc_value, KeyboardInterrupt):
        os._exit(_INTERRUPTED)


if __name__ == "__main__":
    run()
