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
from reader.cli.arguments import parse_arguments
from reader.cli.commands import HANDLERS, render_shelf, render_story
from reader.errors import ReaderError
from reader.paths import Paths

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from reader.session.session import Session


STARTUP_SCAN_SECONDS: Final = 0.3
"""Seconds spent at most on describing stories before the first screen: enough, at the very
first start, for those that come with the program. The rest follows behind it."""
MAX_STARTUP_BYTES: Final = 200_000
"""Bytes of a story that may be described before the first screen."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    if sys.platform == "win32":
        print("reader runs on Linux and macOS; on Windows use it inside WSL.", file=sys.stderr)
        return 1
    _prepare_output()
    try:
        code = _run_command(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except ReaderError as error:
        return _report_failure(str(error), error.exit_code)
    except BrokenPipeError:  # whoever read our output has gone
        _discard_output()
        return 0
    except OSError as error:  # a full disk under our output
        _discard_output()
        return _report_failure(f"{error.filename or 'output'}: {error.strerror}", 1)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return code


def _run_command(arguments: list[str]) -> int:
    try:
        args = parse_arguments(arguments)
    except SystemExit:  # help or version was printed, as far as anybody reads it
        sys.stdout.flush()
        raise
    if args.command == "read":
        return _run_read(args)
    if args.command == "doctor":
        return _run_doctor()
    for line in HANDLERS[args.command](args):
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


def _discard_output() -> None:
    """Let Python flush into nothing while it exits, so that it doesn't complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report_failure(message: str, code: int) -> int:
    desk.print_error(message)
    return code


def _run_read(args: argparse.Namespace) -> int:
    """Open the app where there is a screen; else print what it would show."""
    from reader.cli.terminal import exit_on_signals, has_terminal

    target: str | None = args.target
    folder = Path(target) if target and Path(target).is_dir() else None
    piped = desk.read_stdin() if target is None and _is_piped() else b""
    on_screen = has_terminal()
    if on_screen:
        exit_on_signals()
        gc.disable()  # until the first screen is drawn: a full collection takes as long as a frame
    with desk.open_session(private=args.private) as session:
        visit, start = None, None
        if piped:
            visit = session.open_text(piped)
        elif target is not None and folder is None:
            visit, start = desk.open_by_name(session, target)
        if not on_screen:
            answer = (
                render_story(session, visit, start)
                if visit is not None
                else render_shelf(session, folder)
            )
            for line in answer:
                print(line)
            return 0
        if visit is not None:
            session.enter(visit)
        return _start_app(session, args, folder)


def _start_app(session: Session, args: argparse.Namespace, folder: Path | None) -> int:
    """Start the app, with what can be described of the library in a tenth of a second."""
    import asyncio

    from reader.cli import terminal
    from reader.library.files import find_bundled_folder
    from reader.session.session import describe_files

    config, theme = desk.load_config(), args.theme
    waiting = session.scan_folders([folder or find_bundled_folder()])
    waiting += session.scan_started_stories() if folder is None else []
    ends = time.monotonic() + STARTUP_SCAN_SECONDS
    while waiting and time.monotonic() < ends and waiting[0].size < MAX_STARTUP_BYTES:
        session.add_stories(list(describe_files([waiting.pop(0)])))
    if (
        args.target is None
        and session.current is None
        and (visit := desk.reopen_last_story(session))
    ):
        session.enter(visit)
    terminal.attach_terminal()
    name = theme or os.environ.get("READER_THEME") or session.get_choice("theme") or config.theme
    if name is None:
        name = "day" if terminal.has_light_background() else "night"
        session.save_choice("theme", name)

    from reader.ui.app import ReaderApp

    private = desk.is_private(args.private)
    if private:
        session.notify("Reading privately: nothing of it is remembered.")
    afterwards = partial(desk.back_up_store, in_use=True) if session.is_persistent else None
    app = ReaderApp(session, config, pending_files=waiting, theme=name, after_start=afterwards)
    if theme and app.has_theme(theme):
        session.save_choice("theme", theme)
    return asyncio.run(app.run_with_signals())


def _is_piped() -> bool:
    return sys.stdin is not None and not sys.stdin.isatty()


def _run_doctor() -> int:
    from reader.cli.doctor import run_checks

    lines, is_well = run_checks(Paths.default())
    for line in lines:
        print(line)
    return 0 if is_well else 1
