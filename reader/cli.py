"""The command line: what was asked for, and every answer that needs no screen.

The plain twin of the app, for scripts, pipes and screen readers. Imports Textual inside one
function, and only once it is known that a screen is there. Errors are caught here and told
in one line.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .arguments import parsed
from .cells import clean, clean_line
from .errors import ReaderError, StateError, UnknownStory, Unreadable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from .config import Config
    from .session import Session
    from .story import Story
    from .visit import Visit

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
    return _COMMANDS[args.command](args)


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
    _tell(message)
    return code


def _tell(line: str) -> None:
    print(f"reader: {clean_line(line, 2_000)}", file=sys.stderr)


# What is done ----------------------------------------------------------------------------


def _list(args: argparse.Namespace) -> int:
    from .plain import as_json, entry_lines

    with _session() as session:
        _fill(session, args.folder)
        entries = session.entries()
    for line in [as_json(entries)] if args.json else entry_lines(entries):
        print(line)
    return 0


def _show(args: argparse.Namespace) -> int:
    with _session() as session:
        _print_story(session, _visit(session, args.story), args.width)
    return 0


def _print_story(session: Session, visit: Visit, columns: int | None) -> None:
    from shutil import get_terminal_size

    from .config import MEASURE
    from .plain import text_lines
    from .terminal import shows_styles

    while (piece := visit.more()) is not None:
        visit.take(piece)
    measure = columns or min(MEASURE, get_terminal_size().columns)
    config = _config()
    session.notices += config.notes
    for line in text_lines(visit, measure, config.composition, styled=shows_styles()):
        print(line)


def _mark(args: argparse.Namespace) -> int:
    from .evidence import Mark
    from .plain import MARKS

    with _session() as session:
        story = _story(session, args.story)
        if not session.lasts:
            raise StateError("it can't be marked: what is remembered can't be written")
        session.mark(story, Mark(args.mark))
    print(f"{MARKS[args.mark]} {story.title}")
    return 0


def _where(_args: argparse.Namespace) -> int:
    from .library import bundled_folder
    from .paths import Paths

    paths = Paths.default()
    found = {
        "settings": paths.config,
        "memory": paths.state,
        "cache": paths.index,
        "stories": bundled_folder(),
    }
    for name, path in found.items():
        known = clean(str(path)).replace("\n", "\ufffd") if path else "nowhere: there is no home"
        print(f"{name:<9} {known}")
    return 0


def _read(args: argparse.Namespace) -> int:
    """Open the app where there is a screen; else print what it would show."""
    from .terminal import is_there

    target: str | None = args.target
    folder = Path(target) if target and Path(target).is_dir() else None
    piped = _input() if target is None and _is_piped() else b""
    on_screen = is_there()
    if on_screen:
        gc.disable()  # until the first screen is drawn: a full collection takes as long as a frame
    with _session() as session:
        visit = None
        if piped:
            visit = session.open_text(piped)
        elif target is not None and folder is None:
            visit = _visit(session, target)
        if not on_screen:
            _print(session, visit, folder)
            return 0
        if visit is not None:
            session.enter(visit)
        return _start(session, args.theme, folder)


def _print(session: Session, visit: Visit | None, folder: Path | None) -> None:
    from .plain import entry_lines

    if visit is not None:
        _print_story(session, visit, None)
        return
    _fill(session, folder)
    for line in entry_lines(session.entries()):
        print(line)


def _start(session: Session, theme: str | None, folder: Path | None) -> int:
    """Start the app, with what can be described of the library in a tenth of a second."""
    import asyncio

    from . import terminal
    from .library import bundled_folder
    from .session import described

    config = _config()
    waiting = session.gather([folder or bundled_folder()])
    waiting += session.gather_begun() if folder is None else []
    ends = time.monotonic() + AT_START
    while waiting and time.monotonic() < ends and waiting[0].size < SMALL:
        session.learn(list(described([waiting.pop(0)])))
    terminal.take()
    name = theme or os.environ.get("READER_THEME") or session.chosen("theme") or config.theme
    if name is None:
        name = "day" if terminal.is_light() else "night"
        session.choose("theme", name)

    from .ui.app import ReaderApp

    app = ReaderApp(session, config, waiting=waiting, theme=name)
    if theme and app.knows_theme(theme):
        session.choose("theme", theme)
    return asyncio.run(app.run_to_the_end())


def _is_piped() -> bool:
    return sys.stdin is not None and not sys.stdin.isatty()


def _input() -> bytes:
    """Return what stands on standard input, up to what a story may have."""
    from .story import LARGEST

    data = sys.stdin.buffer.read(LARGEST + 1) if sys.stdin is not None else b""
    if len(data) > LARGEST:
        raise Unreadable(f"standard input: larger than {LARGEST >> 20} MB, so it is not opened")
    return data


# Stories ---------------------------------------------------------------------------------


@contextlib.contextmanager
def _session() -> Iterator[Session]:
    """Yield a session, close it, and tell what went wrong on the way."""
    from .index import Index
    from .library import Library
    from .paths import Paths
    from .session import Session
    from .state import State

    paths = Paths.default()
    session = Session(Library(), State.open(paths.state), Index.open(paths.index))
    try:
        yield session
    finally:
        session.close()
        for notice in session.notices:
            _tell(notice)


def _config() -> Config:
    from .config import load
    from .paths import Paths

    return load(Paths.default().config, os.environ)


def _fill(session: Session, folder: Path | None = None) -> None:
    """Take in every story of `folder`, or of the plain library, parsing what has changed."""
    from .library import bundled_folder
    from .session import described

    if folder is not None and not folder.is_dir():
        raise UnknownStory(f"{folder}: there is no such folder")
    files = session.gather([folder or bundled_folder()])
    if folder is None:
        files += session.gather_begun()
    session.learn(list(described(files)))


def _visit(session: Session, name: str) -> Visit:
    """Open the story that `name` names: a path first, `-`, else a story of the library."""
    if name == "-":
        return session.open_text(_input())
    if os.path.lexists(name):
        return session.open_file(Path(name))
    return session.opening(_story(session, name))()


def _story(session: Session, name: str) -> Story:
    """Return the story with that path, id or unique part of a title."""
    from .library import SUFFIXES

    if os.path.lexists(name):
        return session.open_file(Path(name)).story
    if "/" in name or name.lower().endswith(SUFFIXES):
        raise UnknownStory(f"{name}: there is no such file")
    _fill(session)
    return session.library.named(name)


_COMMANDS: Final[dict[str, Callable[[argparse.Namespace], int]]] = {
    "list": _list,
    "show": _show,
    "mark": _mark,
    "where": _where,
    "read": _read,
}
