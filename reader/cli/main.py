"""The command line: run the app where there is a screen, else print."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reader.cli import context as desk
from reader.cli.arguments import parsed
from reader.cli.commands import ANSWERS, shelf, story_lines
from reader.errors import ReaderError
from reader.paths import Paths

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from reader.session.session import Session


AT_START: Final = 0.3
"""Seconds spent at most on describing stories before the first screen: enough, at the very
first start, for those that come with the program. The rest follows behind it."""
SMALL: Final = 200_000
"""Bytes of a story that may be described before the first screen."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    if sys.platform == "win32":
        print("reader runs on Linux and macOS; on Windows use it inside WSL.", file=sys.stderr)
        return 1
    _prepare_output()
    try:
        code = _run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except ReaderError as error:
        return _failed(str(error), error.exit_code)
    except BrokenPipeError:  # whoever read our output has gone
        _drop_output()
        return 0
    except OSError as error:  # a full disk under our output
        _drop_output()
        return _failed(f"{error.filename or 'output'}: {error.strerror}", 1)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return code


def _run(arguments: list[str]) -> int:
    try:
        args = parsed(arguments)
    except SystemExit:  # help or version was printed, as far as anybody reads it
        sys.stdout.flush()
        raise
    if args.command == "read":
        return _read(args)
    if args.command == "doctor":
        return _doctor()
    for line in ANSWERS[args.command](args):
        print(line)
    return 0


def _prepare_output() -> None:
    """Print whatever there is to print: a name may hold bytes that are no text."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # it was closed
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115  for the whole run
        stream = getattr(sys, name)
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _drop_output() -> None:
    """Let Python flush into nothing while it exits, so that it doesn't complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failed(message: str, code: int) -> int:
    desk.tell(message)
    return code


def _read(args: argparse.Namespace) -> int:
    """Open the app where there is a screen; else print what it would show."""
    from reader.cli.terminal import end_orderly, is_there

    target: str | None = args.target
    folder = Path(target) if target and Path(target).is_dir() else None
    piped = desk.piped() if target is None and _is_piped() else b""
    on_screen = is_there()
    if on_screen:
        end_orderly()
        gc.disable()  # until the first screen is drawn: a full collection takes as long as a frame
    with desk.session(private=args.private) as session:
        visit, start = None, None
        if piped:
            visit = session.open_text(piped)
        elif target is not None and folder is None:
            visit, start = desk.visit(session, target)
        if not on_screen:
            answer = (
                story_lines(session, visit, start) if visit is not None else shelf(session, folder)
            )
            for line in answer:
                print(line)
            return 0
        if visit is not None:
            session.enter(visit)
        return _start(session, args, folder)


def _start(session: Session, args: argparse.Namespace, folder: Path | None) -> int:
    """Start the app, with what can be described of the library in a tenth of a second."""
    import asyncio

    from reader.cli import terminal
    from reader.library.files import bundled_folder
    from reader.session.session import described

    config, theme = desk.settings(), args.theme
    waiting = session.gather([folder or bundled_folder()])
    waiting += session.gather_begun() if folder is None else []
    ends = time.monotonic() + AT_START
    while waiting and time.monotonic() < ends and waiting[0].size < SMALL:
        session.learn(list(described([waiting.pop(0)])))
    if args.target is None and session.visit is None and (visit := desk.reopened(session)):
        session.enter(visit)
    terminal.take()
    name = theme or os.environ.get("READER_THEME") or session.chosen("theme") or config.theme
    if name is None:
        name = "day" if terminal.is_light() else "night"
        session.choose("theme", name)

    from reader.ui.app import ReaderApp

    private = desk.is_private(args.private)
    if private:
        session.notices.append("Reading privately: nothing of it is remembered.")
    afterwards = partial(desk.back_up, in_use=True) if session.lasts else None
    app = ReaderApp(session, config, waiting=waiting, theme=name, afterwards=afterwards)
    if theme and app.knows_theme(theme):
        session.choose("theme", theme)
    return asyncio.run(app.run_to_the_end())


def _is_piped() -> bool:
    return sys.stdin is not None and not sys.stdin.isatty()


def _doctor() -> int:
    from reader.cli.doctor import examined

    lines, is_well = examined(Paths.default())
    for line in lines:
        print(line)
    return 0 if is_well else 1
