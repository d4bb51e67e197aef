"""The signals that end a program, and how their handlers are installed."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType


_NOT_ENDING: Final = {
    number
    for number in signal.Signals
    if number.name
    in (
        *("SIGKILL", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGCONT", "SIGCHLD", "SIGURG"),
        *("SIGWINCH", "SIGINFO", "SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL"),
    )
}
"""Signals that don't end a program, can't be handled, or report a fault of its code.

A handler of Python for a fault never runs: the faulty instruction is repeated for ever.
"""
END_SIGNALS: Final = tuple(sorted(signal.valid_signals() - _NOT_ENDING))
"""The signals that end a program unless it handles them."""


def install_handlers(
    handlers: Mapping[signal.Signals, Callable[[int, FrameType | None], object]],
) -> dict[signal.Signals, Callable[[int, FrameType | None], object] | int]:
    """Install signal handlers, and return the previous ones by signal.

    A signal that is ignored stays ignored (nohup; Python itself ignores SIGPIPE and SIGXFSZ), and
    one with a handler that was not installed by Python (faulthandler) keeps it.
    """
    previous: dict[signal.Signals, Callable[[int, FrameType | None], object] | int] = {}
    for number, handler in handlers.items():
        current = signal.getsignal(number)
        if current is not None and current is not signal.SIG_IGN:
            previous[number] = current
            signal.signal(number, handler)
    return previous
