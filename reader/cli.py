"""The command line: what was asked for, and every answer that needs no screen.

The plain twin of the app, for scripts, pipes and screen readers. Imports Textual inside one
function, and only once it is known that a screen is there. Errors are caught here and told
in one line.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from . import __version__
from .cells import clean_line
from .errors import ReaderError, UnknownStory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .config import Config
    from .session import Entry, Session
    from .story import Story
    from .visit import Visit

EXAMPLES: Final = """\
examples:
  reader                      the library, on the shelf
  reader essay.md             read one file
  reader ~/essays             read your own folder of Markdown
  curl -s URL.md | reader     read what comes from a pipe
  reader forty                the story whose title holds that word
  reader list --json          every story, for a script
  reader show forty | less    a story as plain text
  reader mark forty unread    set a story's mark
  reader where                where settings, memory and cache are

Settings may also be given as READER_THEME and READER_MEASURE.
"""
AT_START: Final = 0.1
"""Seconds spent on describing stories before the first screen; the rest follows behind it."""
SMALL: Final = 200_000
"""Bytes of a story that may be described before the first screen."""
_MARKS: Final = {"unread": "○", "reading": "◐", "finished": "✓"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    if sys.platform == "win32":
        print("reader runs on Linux and macOS; on Windows use it inside WSL.", file=sys.stderr)
        return 1
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except ReaderError as error:
        print(f"reader: {clean_line(str(error), 2_000)}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output has gone; Python must not complain while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return code


def _run(arguments: list[str]) -> int:
    if arguments and arguments[0] in _COMMANDS:
        parser, run = _COMMANDS[arguments[0]]
        return run(parser().parse_args(arguments[1:]))
    return _read(_main_parser().parse_args(arguments))


# What may be said ------------------------------------------------------------------------


def _parser(name: str, description: str, **more: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog=f"reader {name}".strip(),
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        **more,  # type: ignore[arg-type]  argparse names its arguments one by one
    )


def _main_parser() -> argparse.ArgumentParser:
    parser = _parser(
        "",
        "A quiet place to read essays and stories in a terminal.",
        epilog=EXAMPLES,
        usage="reader [FILE | FOLDER | STORY | -] [--theme NAME]\n"
        "       reader list | show | mark | where ...",
    )
    parser.add_argument("target", nargs="?", metavar="FILE | FOLDER | STORY | -", help="what to read")
    parser.add_argument("--theme", help="day, night, terminal, or any theme of Textual's")
    parser.add_argument("--version", action="version", version=f"reader {__version__}")
    return parser


def _list_parser() -> argparse.ArgumentParser:
    parser = _parser("list", "Print the stories there are, in the order of the shelf.")
    parser.add_argument("--json", action="store_true", help="as a JSON array")
    parser.add_argument("--in", dest="folder", type=Path, metavar="FOLDER", help="of that folder")
    return parser


def _show_parser() -> argparse.ArgumentParser:
    parser = _parser("show", "Print a story, typeset as text.")
    parser.add_argument("story", help="its id, a part of its title, a file, or - for standard input")
    parser.add_argument("--width", type=int, metavar="N", help="cells a line may take (1 to 300)")
    return parser


def _mark_parser() -> argparse.ArgumentParser:
    parser = _parser("mark", "Set a story's mark.")
    parser.add_argument("story", help="its id, a part of its title, or a file")
    parser.add_argument("mark", choices=["finished", "unread"])
    return parser


def _where_parser() -> argparse.ArgumentParser:
    return _parser("where", "Print where settings, memory, cache and stories are.")


# What is done ----------------------------------------------------------------------------


def _list(args: argparse.Namespace) -> int:
    session = _session()
    _fill(session, args.folder)
    entries = session.entries()
    if args.json:
        print(json.dumps([_facts(entry) for entry in entries], ensure_ascii=False, indent=2))
        return 0
    _print_list(entries)
    return 0


def _print_list(entries: list[Entry]) -> None:
    for entry in entries:
        left = "" if entry.mark == "finished" else f"{entry.minutes_left} min"
        author = f" — {entry.story.author}" if entry.story.author else ""
        print(f"{_MARKS[entry.mark]} {left:>7}  {entry.story.title}{author}")


def _facts(entry: Entry) -> dict[str, object]:
    """Return what `list --json` says of a story. Names are added, never changed."""
    story = entry.story
    return {
        "id": story.id,
        "title": story.title,
        "deck": story.deck or None,
        "author": story.author or None,
        "published": story.published.isoformat() if story.published else None,
        "tags": list(story.tags),
        "series": story.series or None,
        "words": story.words,
        "minutes": story.minutes,
        "minutes_left": entry.minutes_left,
        "state": entry.mark.value,
        "progress": round(entry.progress, 4),
        "path": clean_line(os.path.realpath(story.path), 5_000),
        "source": story.source,
    }


def _show(args: argparse.Namespace) -> int:
    if args.width is not None and not 1 <= args.width <= 300:
        raise UnknownStory(f"--width {args.width}: a number from 1 to 300 is needed")
    session = _session()
    visit = _visit(session, args.story)
    while (piece := visit.more()) is not None:
        visit.take(piece)
    _print_story(visit, args.width)
    return 0


def _print_story(visit: Visit, columns: int | None) -> None:
    from shutil import get_terminal_size

    from .config import MEASURE
    from .plain import text_lines

    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    colour = colour and os.environ.get("TERM", "dumb") != "dumb"
    measure = columns or min(MEASURE, get_terminal_size().columns)
    for line in text_lines(visit, measure, styled=colour):
        print(line)


def _mark(args: argparse.Namespace) -> int:
    from .evidence import Mark

    session = _session()
    story = _story(session, args.story)
    session.mark(story, Mark(args.mark))
    for notice in session.notices:
        print(f"reader: {clean_line(notice)}", file=sys.stderr)
    print(f"{_MARKS[args.mark]} {story.title}")
    return 0


def _where(args: argparse.Namespace) -> int:
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
        print(f"{name:<9} {clean_line(str(path), 5_000) if path else 'nowhere: there is no home'}")
    return 0


def _read(args: argparse.Namespace) -> int:
    """Open the app where there is a screen; else print what it would show."""
    piped = _piped(args.target)
    if not _has_screen():
        return _print(args.target, piped)
    gc.disable()  # until the first screen is drawn: a full collection takes as long as a frame
    session = _session()
    folder = Path(args.target) if args.target and Path(args.target).is_dir() else None
    if piped is not None:
        session.enter(session.open_text(piped))
    elif args.target and folder is None:
        session.enter(_visit(session, args.target))
    return _start(session, args.theme, folder)


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
    elif theme:
        session.choose("theme", theme)

    from .ui.app import ReaderApp

    app = ReaderApp(session, config, waiting=waiting, theme=name)
    return asyncio.run(app.run_to_the_end())


def _print(target: str | None, piped: bytes | None) -> int:
    session = _session()
    if piped is not None:
        visit = session.open_text(piped)
    elif target is None or Path(target).is_dir():
        _fill(session, Path(target) if target else None)
        _print_list(session.entries())
        return 0
    else:
        visit = _visit(session, target)
    while (piece := visit.more()) is not None:
        visit.take(piece)
    _print_story(visit, None)
    return 0


def _piped(target: str | None) -> bytes | None:
    """Return what stands on standard input, if that is what is to be read."""
    if target == "-":
        return sys.stdin.buffer.read()
    if target is None and sys.stdin is not None and not sys.stdin.isatty():
        return sys.stdin.buffer.read() or None
    return None


def _has_screen() -> bool:
    """Tell whether a full screen can be drawn: Textual itself would try anything."""
    if not sys.stdout.isatty() or os.environ.get("TERM", "dumb") in ("dumb", ""):
        return False
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


# Stories ---------------------------------------------------------------------------------


def _session() -> Session:
    from .index import Index
    from .library import Library
    from .paths import Paths
    from .session import Session
    from .state import State

    paths = Paths.default()
    return Session(Library(), State.open(paths.state), Index.open(paths.index))


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
        return session.open_text(sys.stdin.buffer.read())
    if os.path.lexists(name):
        return session.open_file(Path(name))
    return session.opening(_story(session, name))()


def _story(session: Session, name: str) -> Story:
    """Return the story with that path, id or unique part of a title."""
    if os.path.lexists(name):
        return session.open_file(Path(name)).story
    _fill(session)
    stories = session.library.stories()
    wanted = name.casefold()
    for match in (
        [s for s in stories if s.id == name],
        [s for s in stories if s.title.casefold() == wanted],
        [s for s in stories if wanted in _typed(s.title)],
    ):
        if len(match) == 1:
            return match[0]
        if match:
            names = ", ".join(f"{s.title} ({s.id})" for s in match[:6])
            raise UnknownStory(f"several stories match {name!r}: {names}")
    raise UnknownStory(f"there is no file and no story {name!r}{_nearest(name, stories)}")


def _typed(title: str) -> str:
    """Return a title as somebody types it, in either kind of quotes."""
    return title.casefold() + "\n" + title.casefold().replace("’", "'")


def _nearest(name: str, stories: list[Story]) -> str:
    from difflib import get_close_matches

    titles = {word: s.title for s in stories for word in (s.title.casefold(), *s.title.casefold().split())}
    near = get_close_matches(name.casefold(), titles, 3, cutoff=0.5)
    found = list(dict.fromkeys(titles[word] for word in near))
    return f"; the nearest: {', '.join(found)}" if found else "; see: reader list"


_COMMANDS: Final = {
    "list": (_list_parser, _list),
    "show": (_show_parser, _show),
    "mark": (_mark_parser, _mark),
    "where": (_where_parser, _where),
}
