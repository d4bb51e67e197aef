"""`reader search` and `index`: find stories by their words; and which story others open."""

from __future__ import annotations

import contextlib
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reader.cli import print_error
from reader.cli.context import fill_library, is_private, open_session
from reader.cli.output import open_library, print_lines, show_progress
from reader.cli.registry import Command, make_argument
from reader.errors import BadUsage, UnknownStory
from reader.finding.describing import report_nothing
from reader.paths import Paths
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from reader.finding.excerpts import Excerpt
    from reader.fulltext import Engine, Found, Hit
    from reader.fulltext.query import Query
    from reader.library.story import Story
    from reader.session.session import Session
    from reader.session.shelf.entries import ShelfEntry


_EARLIER_SORTS: Final = {"left": "shortest-left", "recent": "recently-read"}
"""Names of orders that `--sort` had before. They are accepted, since scripts may have them."""
DEFAULT_LIMIT: Final = 20
"""Stories that a search prints."""
_INDENT: Final = "    "
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


def parse_sort(name: str) -> str:
    """Return the name of an order that was typed."""
    return _EARLIER_SORTS.get(name, name)


def parse_words(words: Sequence[str]) -> Query:
    """Return the query that the arguments of a command are. Raises `BadQuery`."""
    from reader.fulltext.query import parse_query

    return parse_query(" ".join(words))


def parse_count(text: str) -> int:
    """Return a number of stories as typed; 0 stands for all. Raises argparse's error."""
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        from argparse import ArgumentTypeError

        raise ArgumentTypeError(f"'{text}': a number of up to seven digits is needed, 0 for all")
    return int(text)


def select_entries(
    session: Session, query: Query, entries: Sequence[ShelfEntry]
) -> list[ShelfEntry]:
    """Return those of the shelf's `entries` that meet a query, in their order."""
    from reader.finding.filters import filter_entries

    roots = [*map(str, session.catalog.folders)]
    return filter_entries(entries, query, session.annotations.list_annotated(), roots)


def _run_search(args: argparse.Namespace) -> int:
    query = parse_words(args.words)
    if not query.terms:
        raise BadUsage("there are no words to search for; see: reader search --help")
    with _open_updated_index(args.folder) as (session, engine):
        found = _seek(session, engine, query, args.limit)
        stories = {story.id: story for story in session.catalog.list_all()}
        hits = [(hit, stories[hit.id]) for hit in found.hits if hit.id in stories]
        if args.json:
            print_lines([_format_hits_as_json(session, query, hits)])
        else:
            print_lines(_format_hits(session, query, hits))
    if not found.total:
        print_error("no story has that")
    elif found.total > len(hits) and not args.json:
        print_error(f"{len(hits)} of {found.total} stories; --limit 0 prints all")
    return 0 if found.total else 1


def _seek(session: Session, engine: Engine, query: Query, limit: int) -> Found:
    from reader.finding.text_search import seek_stories
    from reader.finding.word_index import update_index

    entries, annotated = session.list_entries(), session.annotations.list_annotated()
    most = limit or len(entries)
    found = seek_stories(engine, query, entries, annotated, most)
    if found.partial and not engine.versions():
        print_error("the index of words was damaged and is made again")
        stories = [*session.catalog.list_all()]
        update_index(engine, stories, session.watch.files.get, report_nothing)
        found = seek_stories(engine, query, entries, annotated, most)
    return found


def _format_hits(
    session: Session, query: Query, hits: Sequence[tuple[Hit, Story]]
) -> Iterator[str]:
    """Yield two lines for each hit: its title and where it is; the words in their line."""
    from reader.cli.terminal import can_show_styles
    from reader.library.files import join_path
    from reader.session.shelf.entries import find_facts

    facts = find_facts(session.catalog.list_all())
    bold, plain = (_BOLD, _PLAIN) if can_show_styles() else ("", "")
    width = _get_width()
    for hit, story in hits:
        excerpt = _find_excerpt(session, query, story, width - len(_INDENT))
        author = f" — {sanitize_line(story.author)}" if story.author else ""
        yield (
            f"{join_path(f'{bold}{sanitize_line(story.title)}{plain}', facts.find_path(story))}"
            f"{author}"
            f"  ({sanitize_line(hit.id)}@{_format_place(excerpt)})"
        )
        if excerpt.text:
            yield f"{_INDENT}{_mark(excerpt, bold, plain)}"


def _get_width() -> int:
    """Return the characters of a line: the terminal's, of other output so many as are useful."""
    from shutil import get_terminal_size

    from reader.finding.excerpts import LINE_CHARACTERS

    if not sys.stdout.isatty():
        return LINE_CHARACTERS + len(_INDENT)
    return max(30, min(LINE_CHARACTERS, get_terminal_size().columns - 4))


def _find_excerpt(session: Session, query: Query, story: Story, length: int) -> Excerpt:
    from reader.finding.excerpts import find_excerpt

    return find_excerpt(story, query.list_words(), session.text_cache, length)


def _format_place(excerpt: Excerpt) -> str:
    place = excerpt.place
    return f"{place.block + 1}.{place.offset}" if place.offset else f"{place.block + 1}"


def _mark(excerpt: Excerpt, bold: str, plain: str) -> str:
    """Return the line of an excerpt with the words in bold."""
    pieces, position = [], 0
    for start, end in excerpt.ranges:
        pieces += [excerpt.text[position:start], bold, excerpt.text[start:end], plain]
        position = end
    return "".join((*pieces, excerpt.text[position:]))


def _format_hits_as_json(session: Session, query: Query, hits: Sequence[tuple[Hit, Story]]) -> str:
    import os

    from reader.finding.excerpts import LINE_CHARACTERS
    from reader.render.text_output import format_json

    records: list[dict[str, object]] = []
    for hit, story in hits:
        excerpt = _find_excerpt(session, query, story, LINE_CHARACTERS)
        records.append(
            {
                "id": hit.id,
                "title": story.title,
                "author": story.author or None,
                "path": os.path.realpath(story.path),
                "address": f"{hit.id}@{_format_place(excerpt)}",
                "score": round(hit.score, 9),
                "text": excerpt.text or None,
                "matches": [list(each) for each in excerpt.ranges],
            }
        )
    return format_json(records)


def _run_index(args: argparse.Namespace) -> int:
    if is_private():
        raise BadUsage("Private mode: no index is saved")
    from reader.finding.word_index import drop_others

    with _open_updated_index(args.folder, rebuilds=args.rebuild) as (session, engine):
        is_whole = args.folder is None
        dropped = drop_others(engine, session.catalog.list_all()) if is_whole else 0
        count = len(engine.versions())
        place = f" in {sanitize_line(str(Paths.default().words))}" if engine.is_persistent else ""
    more = f"; {dropped} dropped" if dropped else ""
    return print_lines([f"{count} {'text' if count == 1 else 'texts'}{place}{more}"])


@contextlib.contextmanager
def _open_updated_index(
    folder: Path | None, *, rebuilds: bool = False
) -> Iterator[tuple[Session, Engine]]:
    """Yield a session with the stories of `folder` or the library, and an engine with their texts.

    Shows progress on standard error where that takes long. Raises `IndexBusy`.
    """
    from reader.finding.text_reading import load_text
    from reader.finding.word_index import open_engine, update_index

    with open_session(reads_only=True, makes_index=True) as session, show_progress() as report:
        path = session.words_path
        while (notice := session.next_notice()) is not None:
            print_error(notice)
        fill_library(session, folder, partial(report, "Reading stories"))
        stories = list(session.catalog.list_all())
        by_id = {story.id: story for story in stories}

        is_new = path is not None and not path.exists()
        engine = open_engine(path, lambda key: load_text(by_id[key]) if key in by_id else None)
        if is_new and not engine.notice:  # else no index can be made
            print_error(f"the index of words is made, in {sanitize_line(str(path))}")
        with contextlib.closing(engine):
            if rebuilds:
                engine.drop(engine.versions())
            outcome = update_index(
                engine, stories, session.watch.files.get, partial(report, "Indexing texts")
            )
            report("", 0, 0)
            if engine.notice:
                print_error(engine.notice)
            if not outcome.is_complete:
                print_error("the index is not complete; run: reader index")
            yield session, engine


def find_last_read() -> Story:
    """Return the story that is being read and was read last. Raises `UnknownStory`."""
    with open_library() as session:
        reading = [entry for entry in session.list_entries() if entry.status.value == "reading"]
    if not reading:
        raise UnknownStory("no story is being read; see: reader list")
    return max(reading, key=lambda entry: entry.last_read).story


def find_random(words: Sequence[str]) -> Story:
    """Return one of the unread stories that meet a query. Raises `UnknownStory`, `BadQuery`."""
    from random import choice

    query = parse_words(words)  # a mistake is reported before the library is read
    with open_library() as session:
        entries = select_entries(session, query, session.list_entries())
    unread = [e.story for e in entries if e.status.value == "unread" and e.story.is_readable]
    if not unread:
        raise UnknownStory("no unread story has that" if words else "there is no unread story")
    return choice(unread)  # noqa: S311  no secret


QUERY: Final = make_argument(
    "words",
    nargs="*",
    metavar="WORDS",
    help='words, "a phrase", word*, -word, tag: author: title: in: is: has: year:, <10m',
)
IN_FOLDER: Final = make_argument(
    "--in", dest="folder", type=Path, metavar="FOLDER", help="only the stories of this folder"
)
SEARCH: Final = Command(
    "search",
    "Search the texts of all stories, the best match first.",
    _run_search,
    (
        QUERY,
        IN_FOLDER,
        make_argument("--json", action="store_true", help="print a JSON array"),
        make_argument(
            "--limit",
            type=parse_count,
            default=DEFAULT_LIMIT,
            metavar="N",
            help=f"the most stories to print, 0 for all ({DEFAULT_LIMIT})",
        ),
    ),
)
INDEX: Final = Command(
    "index",
    "Bring the index of words up to date; a search does it too.",
    _run_index,
    (IN_FOLDER, make_argument("--rebuild", action="store_true", help="read all texts again")),
)
