"""What a command of the command line is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping


class Argument(NamedTuple):
    """An argument of a command: what `ArgumentParser.add_argument` takes."""

    names: tuple[str, ...]
    options: Mapping[str, Any]


class Command(NamedTuple):
    """A command of the command line."""

    name: str
    help: str
    """One sentence, shown by `--help`."""
    run: Callable[[argparse.Namespace], int]
    """Prints the answer and returns the exit code. Raises `ReaderError`."""
    arguments: tuple[Argument, ...] = ()


def make_argument(*names: str, **options: Any) -> Argument:
    """Return an argument, given as `ArgumentParser.add_argument` takes it."""
    return Argument(names, options)
