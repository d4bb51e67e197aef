"""The commands of the command line: for each its name, help, arguments and handler.

To add a command, write its handler and add it to `COMMANDS`; `cli.main` builds the parser
and the help from that table. A handler imports what it needs when it runs, so that
`--version` and the start of the app load no more than they use.
"""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reader import __version__
from reader.cli import print_error
from reader.cli.adding.commands import ADD, FEEDS, FOLDER, UPDATE
from reader.cli.context import (
    back_up_or_warn,
    find_story,
    make_read_only_error,
    open_by_name,
    open_session,
    open_store,
    read_input,
)
from reader.cli.output import open_library, print_lines, render_story, write_output
from reader.cli.registry import Command, make_argument
from reader.cli.search import (
    IN_FOLDER,
    INDEX,
    QUERY,
    SEARCH,
    parse_count,
    parse_sort,
    parse_words,
    select_entries,
)
from reader.config import SORTS
from reader.errors import BadExport, StateError, UnknownStory
from reader.paths import Paths
from reader.text.cells import sanitize, sanitize_line

if TYPE_CHECKING:
    import argparse

    from reader.reading.annotations import Highlight
    from reader.render.text_output import StoryAnnotations
    from reader.store.repository import Store


MAX_WIDTH_CELLS: Final = 300
"""The widest line, in cells, that `reader show --width` accepts."""


def _parse_width(text: str) -> int:
    if not (
        text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MAX_WIDTH_CELLS
    ):
        from argparse import ArgumentTypeError

        raise ArgumentTypeError(f"'{text}': a number from 1 to {MAX_WIDTH_CELLS} is needed")
    return int(text)


def _run_list(args: argparse.Namespace) -> int:
    from reader.render.text_output import entries_to_json, render_shelf
    from reader.session.shelf.entries import find_facts, sort_by

    query = parse_words(args.words)  # a mistake is reported before the library is read
    with open_library(args.folder) as session:
        listed = session.list_entries()
        entries = select_entries(session, query, listed)
        if args.sort != SORTS[0]:
            entries = sort_by(entries, args.sort)
        entries = entries[: args.limit or None]
        facts = find_facts(entry.story for entry in listed)
        print_lines([entries_to_json(entries)] if args.json else render_shelf(entries, facts))
    if not entries and args.words:
        print_error("no story has that")
    return 0 if entries or not args.words else 1


def _run_show(args: argparse.Namespace) -> int:
    # Parsing makes few cycles: collections took a quarter of the time of 50,000 rows of a table.
    gc.set_threshold(100_000, 50, 1_000)
    with open_session(reads_only=True) as session:
        open_story, start = open_by_name(session, args.story)
        return print_lines(
            render_story(session, open_story, start, args.width, has_links=not args.no_links)
        )


def _run_mark(args: argparse.Namespace) -> int:
    from reader.reading.progress import ReadStatus
    from reader.render.text_output import STATUS_SYMBOLS

    with open_session() as session:
        story = find_story(session, args.story)
        if not session.is_persistent:
            raise make_read_only_error("marked")
        session.read_statuses.set_status(story, ReadStatus(args.status))
    if session.unsaved:
        raise StateError(session.unsaved)
    back_up_or_warn()
    return print_lines([f"{STATUS_SYMBOLS[args.status]} {sanitize_line(story.title)}"])


def _run_highlights(args: argparse.Namespace) -> int:
    from reader.render.text_output import annotations_to_dicts, annotations_to_markdown, format_json

    with open_store(reads_only=True) as store:
        annotations = _load_annotations(store)
    if args.story is not None:
        story_id = _find_story_id(args.story, annotations)
        annotations = [each for each in annotations if each.story_id == story_id]
    if args.json:
        return print_lines([format_json(annotations_to_dicts(annotations))])
    return print_lines(annotations_to_markdown(annotations))


def _load_annotations(store: Store) -> list[StoryAnnotations]:
    """Return the annotations of each story, in the order of its first highlight or response."""
    from reader.render.text_output import StoryAnnotations

    annotations = store.annotation_store
    responses = {response.story_id: response for response in annotations.load_responses()}
    highlights: dict[str, list[Highlight]] = {}
    for highlight in annotations.load_highlights():
        highlights.setdefault(highlight.story_id, []).append(highlight)
    return [
        StoryAnnotations(
            story_id,
            store.load_story_details(story_id),
            highlights.get(story_id, []),
            responses.get(story_id),
        )
        for story_id in dict.fromkeys([*highlights, *responses])
    ]


def _find_story_id(name: str, annotations: list[StoryAnnotations]) -> str:
    """Return the id of the story that `name` names, even if its file is gone.

    Raises `UnknownStory`.
    """
    from reader.text.search import fold_text

    try:
        with open_session(reads_only=True) as session:
            return find_story(session, name).id
    except UnknownStory:
        matches = [
            each.story_id
            for each in annotations
            if each.story_id == name
            or fold_text(name) in (fold_text(each.details.title) if each.details else "")
        ]
        if len(matches) != 1:
            raise
        return matches[0]


def _run_history(args: argparse.Namespace) -> int:
    from reader.render.text_output import format_json, history_to_dicts, render_history

    with open_store(reads_only=True) as store:
        history = [
            (entry, store.load_story_details(entry.story_id)) for entry in store.load_history()
        ]
    if args.json:
        return print_lines([format_json(history_to_dicts(history))])
    return print_lines(render_history(history))


def _run_export(args: argparse.Namespace) -> int:
    from reader.store.transfer import format_export

    with open_store(reads_only=True) as store:
        if not store.is_complete:
            raise StateError("nothing was exported: your reading data can't be read")
        records = store.record_store.load_records()
        write_output(_parse_path(args.file), format_export(records).encode() + b"\n")
    if args.file == "-":
        return 0
    return print_lines([f"{len(records)} records written to {sanitize_line(args.file)}"])


def _run_import(args: argparse.Namespace) -> int:
    from reader.store.merging import import_records
    from reader.store.transfer import parse_export

    back_up_or_warn()
    with open_store() as store:
        if not store.is_persistent:
            raise make_read_only_error("imported")
        name = "standard input" if args.file == "-" else sanitize_line(args.file)
        data = read_input(_parse_path(args.file))
        try:
            records, problems = parse_export(data)
        except BadExport as error:
            raise BadExport(f"{name}: {error}") from error
        new_count = import_records(store.record_store, records)
    back_up_or_warn()
    for problem in problems:
        print_error(f"{name}: {problem}")
    print_lines([f"{new_count} of {len(records)} records were new"])
    return 1 if problems else 0


def _parse_path(name: str) -> Path | None:
    """Return the path of a file to read or write, None for a standard stream."""
    return None if name == "-" else Path(name)


def _run_where(_args: argparse.Namespace) -> int:
    from reader.library.files import find_bundled_folder

    paths = Paths.default()
    places = {
        "settings": paths.config,
        "data": paths.state,
        "cache": paths.index,
        "stories": find_bundled_folder(),
        "added": paths.stories,
    }
    return print_lines(f"{name:<9} {_format_path(path)}" for name, path in places.items())


def _format_path(path: Path | None) -> str:
    if path is None:
        return "nowhere: there is no home folder"
    return sanitize(str(path)).replace("\n", "\ufffd")


def _run_doctor(_args: argparse.Namespace) -> int:
    from reader.cli.doctor import run_checks

    lines, is_ok = run_checks(Paths.default())
    print_lines(lines)
    return 0 if is_ok else 1


_JSON: Final = make_argument("--json", action="store_true", help="print a JSON array")
COMMANDS: Final = (
    Command(
        "list",
        "Print the stories of the shelf, all or those that a query finds.",
        _run_list,
        (
            QUERY,
            _JSON,
            make_argument(
                "--sort",
                type=parse_sort,
                choices=SORTS,
                default=SORTS[0],
                metavar="ORDER",
                help=", ".join(SORTS),
            ),
            make_argument(
                "--limit",
                type=parse_count,
                default=0,
                metavar="N",
                help="the most stories to print, 0 for all (0)",
            ),
            IN_FOLDER,
        ),
    ),
    SEARCH,
    INDEX,
    Command(
        "show",
        "Print a story, typeset as text.",
        _run_show,
        (
            make_argument(
                "story",
                metavar="STORY",
                help="an id, a part of a title, a file, or - for standard input;"
                " with @ADDRESS after it the text begins there",
            ),
            make_argument(
                "--width",
                type=_parse_width,
                metavar="N",
                help=f"the widest line in cells (1 to {MAX_WIDTH_CELLS})",
            ),
            make_argument(
                "--no-links",
                action="store_true",
                help="leave out the addresses of links where text is printed without styles",
            ),
        ),
    ),
    Command(
        "mark",
        "Set the read status of a story.",
        _run_mark,
        (
            make_argument("story", metavar="STORY", help="an id, a part of a title, or a file"),
            make_argument("status", choices=["finished", "unread"]),
        ),
    ),
    Command(
        "highlights",
        "Print your highlights, notes and responses as Markdown.",
        _run_highlights,
        (
            make_argument(
                "story",
                nargs="?",
                metavar="STORY",
                help="an id, a part of a title, or a file; without it, of all stories",
            ),
            _JSON,
        ),
    ),
    ADD,
    FEEDS,
    UPDATE,
    FOLDER,
    Command("history", "Print finished stories and when, newest first.", _run_history, (_JSON,)),
    Command(
        "export",
        "Write all your reading data to a JSON file.",
        _run_export,
        (make_argument("file", metavar="FILE", help="the file to write, - for standard output"),),
    ),
    Command(
        "import",
        "Merge an exported file into your reading data; the later change wins.",
        _run_import,
        (make_argument("file", metavar="FILE", help="the file to read, - for standard input"),),
    ),
    Command(
        "doctor",
        "Check settings, reading data, backups and stories; change nothing.",
        _run_doctor,
    ),
    Command(
        "where", "Print where settings, reading data, cache and stories are stored.", _run_where
    ),
)
"""All commands, in the order of the help."""
OPTIONS: Final = (
    make_argument(
        "--theme",
        metavar="NAME",
        help="day, sepia, dusk, night, terminal, or the name of any Textual theme",
    ),
    make_argument(
        "--private", action="store_true", help="use your reading data, and save nothing to it"
    ),
    make_argument("--version", action="version", version=f"reader {__version__}"),
)
"""The options of `reader`, which every command accepts."""
