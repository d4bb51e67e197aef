"""The entry point: parse the arguments, run a command or the app, and report what goes wrong.

Most starts need no parser: `cli.parser` is only loaded for options and commands. What only the app
needs is imported when it starts.
"""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final, cast

from reader.cli import print_error
from reader.cli.commands import (
    COMMANDS,
    OPTIONS,
)
from reader.cli.context import (
    back_up_store,
    is_private,
    load_config,
    open_by_name,
    open_session,
    report_failures,
    set_private,
)
from reader.cli.output import print_lines, render_catalog, render_story
from reader.cli.registry import Command, make_argument
from reader.cli.search import QUERY
from reader.cli.standard_input import EMPTY_MESSAGE, is_input, is_stdin_device, take_input
from reader.cli.start import enter_start, find_theme, is_theme, list_themes, list_warnings
from reader.drawing.early_screen import EARLY_SCREEN, handle_early_signals
from reader.errors import BadUsage, ReaderError, UnknownStory

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from reader.config import Config
    from reader.library.files import File
    from reader.library.story import Story
    from reader.session.open_story import OpenStory
    from reader.session.session import Session
    from reader.text.document import Place
    from reader.ui.app import ReaderApp


MAX_SEEK_SECONDS: Final = 0.15
"""Seconds that the text may be parsed to the place that is asked for, about a megabyte. If that is
not enough, the beginning is shown until the app has parsed the rest."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv`, without the program's name, and return its exit code."""
    if sys.platform == "win32":
        print("reader runs on Linux and macOS; on Windows use it inside WSL.", file=sys.stderr)
        return 1
    _prepare_streams()
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run_command(words)
        sys.stdout.flush()
    except ReaderError as error:
        code = _report_error(str(error), error.exit_code)
    except BrokenPipeError:  # the program that read our output has ended
        _discard_output()
        code = 0
    except OSError as error:  # such as a full disk
        _discard_output()
        code = _report_error(f"{error.filename or 'output'}: {error.strerror or error}", 1)
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    except Exception as error:  # noqa: BLE001  nothing above would report it in plain words
        code = report_failures([error], private=is_private() or "--private" in words)
    return code


def _run_command(words: list[str]) -> int:
    set_private(False)
    try:
        command, args = _parse_arguments(words)
    except SystemExit:  # help or the version was printed: report a closed pipe or a full disk
        sys.stdout.flush()
        raise
    set_private(args.private)
    try:
        return command.run(args)
    finally:
        EARLY_SCREEN.leave()  # before an error is reported


def _parse_arguments(words: Sequence[str]) -> tuple[Command, argparse.Namespace]:
    """Return the command that `words` name and its arguments.

    Without options and the name of a command, they are what to read: argparse isn't needed then,
    which takes as long to load as the first screen to draw.
    """
    is_plain = not any(word.startswith("-") and word != "-" for word in words)
    if is_plain and words[:1] not in [[command.name] for command in ALL_COMMANDS]:
        values = SimpleNamespace(targets=[*words], theme=None, private=False)
        return READ, cast("argparse.Namespace", values)
    from reader.cli.parser import parse_arguments

    return parse_arguments(words, READ, ALL_COMMANDS)


def _run_help(args: argparse.Namespace) -> int:
    """Print the help of a command, or of `reader` itself."""
    from reader.cli.parser import print_help

    return print_help(args.command, READ, ALL_COMMANDS)


def _prepare_streams() -> None:
    """Open the null device for closed streams, and make both output streams accept any text.

    The next file that is opened would get the number of a closed stream: a database would be
    drawn on. A closed stream is None in Python; its original, such as `sys.__stdout__`, stays None.
    A file name may hold bytes that can't be encoded.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # a new descriptor gets the lowest free number
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    if sys.stdin is None:
        sys.stdin = os.fdopen(0, closefd=False)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _discard_output() -> None:
    """Redirect standard output to nothing, so that Python's flush at exit doesn't fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report_error(message: str, code: int) -> int:
    print_error(message)
    return code


def _run_read(args: argparse.Namespace) -> int:
    """Open the app if there is a terminal; otherwise print what it would show."""
    from reader.cli.terminal import attach_terminal, has_terminal, wait_for_foreground

    target: str | None = args.targets[0] if len(args.targets) == 1 else None
    folder: Path | list[File] | None = Path(target) if target and Path(target).is_dir() else None
    if len(args.targets) > 1:
        folder = _find_library(args.targets)
    on_screen = has_terminal()
    has_input = is_input(target) if target is not None else not args.targets
    piped = take_input(target, on_screen=on_screen) if has_input else b""
    if not on_screen and sys.__stdout__ is None:
        raise ReaderError("there is no terminal, and standard output is closed")
    if on_screen:
        handle_early_signals()
        wait_for_foreground()  # before reading data is opened, or a thread started
        gc.disable()  # until the first screen is drawn: a full collection takes as long as a frame
    with open_session(reads_only=not on_screen) as session:
        open_story, start = None, None
        if piped:
            open_story = session.open_piped(piped)
        elif has_input and not is_stdin_device():
            session.notify(f"{EMPTY_MESSAGE}; this is the library")
        elif target is not None and folder is None:
            must_stop = _make_deadline(MAX_SEEK_SECONDS) if on_screen else bool
            open_story, start = _open_target(session, target, must_stop)
        if on_screen:
            with attach_terminal():
                try:
                    app, code = _run_app(session, args, folder, open_story)
                finally:
                    EARLY_SCREEN.leave()
            code = _report_end(app, code, private=is_private())
        elif open_story is not None:
            return print_lines(render_story(session, open_story, start))
        else:
            return print_lines(render_catalog(session, folder))
    if app.keep_frame is not None and code != 1:
        gc.disable()  # the program ends: a collection among 10,000 stories would only delay that
        app.keep_frame(len(session.catalog))
    return code


def _find_library(names: Sequence[str]) -> list[File]:
    """Return the files of a library. Raises `BadUsage` if the first name is like a command's."""
    from reader.library.scan import find_files

    try:
        return find_files(names)
    except UnknownStory as error:
        if suggestion := _suggest(names[0]):
            raise BadUsage(f"there is no command '{names[0]}'; {suggestion}") from error
        raise


def _make_deadline(seconds: float) -> Callable[[], bool]:
    """Return what returns true once the processor has worked for so many seconds more."""
    end = time.process_time() + seconds
    return lambda: time.process_time() > end


def _suggest(name: str) -> str:
    """Return which command may be meant by `name`; empty if it is like none, or a file."""
    from reader.cli.parser import suggest_command

    return suggest_command(name, ALL_COMMANDS)


def _open_target(
    session: Session, target: str, must_stop: Callable[[], bool]
) -> tuple[OpenStory, Place | None]:
    """Open the story that `target` names. Raises `UnknownStory`, which may name a command."""
    try:
        return open_by_name(session, target, must_stop)
    except UnknownStory as error:
        if suggestion := _suggest(target):
            raise UnknownStory(
                f"there is no command, file or story '{target}'; {suggestion}"
            ) from error
        raise


def _run_app(
    session: Session,
    args: argparse.Namespace,
    folder: Path | list[File] | None,
    open_story: OpenStory | None,
) -> tuple[ReaderApp, int]:
    """Run the app until it ends; return it and its exit code.

    It shows `open_story`, or the story that was open last if no target was given, or else the
    shelf: the stories of `folder` or these files, or of the library.
    """
    from reader.cli.terminal import remove_textual_settings
    from reader.ui.start.first_frame import show_first_frame

    config = load_config()
    environment = {**os.environ}
    pending_files = enter_start(session, args.targets, folder, open_story) or []
    themes = list_themes(session, config, args.theme)
    for notice in (*remove_textual_settings(), *list_warnings(config, themes)):
        session.notify(notice)
    if is_private():
        session.notify("Private mode: nothing is saved")

    frame, typed = show_first_frame(session, config, find_theme(session, config, args.theme)), b""
    if frame is not None:
        from reader.ui.start.early_keys import obey_keys_during

        typed = obey_keys_during(_import_app, frame)
    else:
        _import_app()
    import asyncio

    from reader.ui.app import ReaderApp

    # Last, so that the app reads soon: until then the terminal would print an answer that is late.
    theme, received = _choose_theme(session, config, args.theme)
    after_start = partial(back_up_store, in_use=True) if session.is_persistent else None
    app = ReaderApp(
        session,
        config,
        pending_files=pending_files,
        theme=theme,
        after_start=after_start,
    )
    if not is_private():  # a thread doesn't know the option
        from reader.cli.keep_frame import FrameKeeper

        app.keep_frame = FrameKeeper(args.targets, environment, session).keep
    if args.theme and is_theme(args.theme):
        session.save_choice("theme", args.theme)
    # PYTHONASYNCIODEBUG would slow it down.
    return app, asyncio.run(app.run_with_signals(typed + received), debug=False)


def _import_app() -> None:
    """Import the app, which takes a third of a start."""
    from reader.deferred_imports import defer_imports

    with defer_imports():
        import reader.ui.app  # noqa: F401  only loaded


def _report_end(app: ReaderApp, code: int, *, private: bool) -> int:
    """Print what was not saved and the errors that ended the app; return the exit code."""
    if app.session.unsaved:
        print_error(app.session.unsaved)
    if code == 1:
        return report_failures(app.failures, private=private)
    return code or int(bool(app.session.unsaved))


def _choose_theme(session: Session, config: Config, requested: str | None) -> tuple[str, bytes]:
    """Return the theme's name, and what was received from the terminal to choose it.

    Without any choice it is the theme that suits the terminal's background.
    """
    theme = find_theme(session, config, requested)
    if theme is not None:
        return theme, b""
    from reader.cli.terminal import query_background

    background = query_background()
    theme = "day" if background.is_light else "night"
    if session.is_complete:  # else there may be a choice that can't be read now
        session.save_choice("theme", theme)
    return theme, background.received


def _run_resume(args: argparse.Namespace) -> int:
    """Open the story that was read last."""
    from reader.cli.search import find_last_read

    return _open_story(args, find_last_read())


def _run_random(args: argparse.Namespace) -> int:
    """Open an unread story."""
    from reader.cli.search import find_random

    return _open_story(args, find_random(args.words))


def _open_story(args: argparse.Namespace, story: Story) -> int:
    args.targets = [str(story.path)]
    return _run_read(args)


READ: Final = Command(
    "",
    "Read essays and stories in a terminal.",
    _run_read,
    (
        make_argument(
            "targets", nargs="*", metavar="FILE | FOLDER | STORY | -", help="what to read"
        ),
        *OPTIONS,
    ),
)
"""`reader` without the name of a command."""
RESUME: Final = Command("resume", "Open the story that you read last.", _run_resume)
RANDOM: Final = Command(
    "random", "Open an unread story, of all or of those that a query finds.", _run_random, (QUERY,)
)
HELP: Final = Command(
    "help",
    "Print the help of a command.",
    _run_help,
    (make_argument("command", nargs="?", metavar="COMMAND", help="the name of a command"),),
)
"""These are here and not in `COMMANDS`, because they need that table or the app."""
ALL_COMMANDS: Final = (*COMMANDS, RESUME, RANDOM, HELP)
