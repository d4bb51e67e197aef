"""The commands that add to the library: their arguments. Their handlers are imported late."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from reader.cli.registry import Command, make_argument
from reader.library.files import BUNDLED

if TYPE_CHECKING:
    import argparse


FORMATS: Final = (
    "page", "mhtml", "text", "markdown", "feed", "opml", "epub", "docx", "odt", "omnivore", "pocket", "instapaper", "reader", "readwise", "wallabag",
    "clippings", "links",
)  # fmt: skip
"""The formats that `--as` takes: the names of `ingest.sources.READERS`, which is imported late."""


def _run_add(args: argparse.Namespace) -> int:
    from reader.cli.adding.add import run_add

    return run_add(args)


def _run_feeds(args: argparse.Namespace) -> int:
    from reader.cli.adding.feeds import run_feeds

    return run_feeds(args)


def _run_update(args: argparse.Namespace) -> int:
    from reader.cli.adding.feeds import run_update

    return run_update(args)


def _run_folder(args: argparse.Namespace) -> int:
    from reader.cli.adding.folders import run_folder

    return run_folder(args)


ADD: Final = Command(
    "add",
    "Add stories to your library: web pages, copied text, books, feeds, exports.",
    _run_add,
    (
        make_argument(
            "sources",
            nargs="*",
            metavar="SOURCE",
            help="an address that begins with http:// or https://, a file (a page, text, Markdown,"
            " a book, a feed, an export), or - for standard input",
        ),
        make_argument("--paste", action="store_true", help="add the text of the clipboard"),
        make_argument(
            "--as",
            dest="format",
            choices=FORMATS,
            metavar="FORMAT",
            help=f"what the source is, if its content doesn't tell: {', '.join(FORMATS)}",
        ),
        make_argument("--all", action="store_true", help="for a feed: add all its stories"),
        make_argument("--new", action="store_true", help="for a feed: add those you haven't seen"),
        make_argument(
            "--items",
            metavar="NUMBERS",
            help="for a feed: add those with these numbers, as in 1,3-5",
        ),
        make_argument("--fetch", action="store_true", help="fetch the pages of a list of links"),
        make_argument("--dry-run", action="store_true", help="print the story and save nothing"),
        make_argument(
            "--to",
            type=Path,
            metavar="FOLDER",
            help="save it in this folder, not in your own library",
        ),
    ),
)
FEEDS: Final = Command(
    "feeds",
    "List the feeds that you follow, or remove one.",
    _run_feeds,
    (
        make_argument("action", nargs="?", choices=["list", "remove"], default="list"),
        make_argument(
            "feed",
            nargs="?",
            metavar="FEED",
            help="for remove: a number of the list, an address, a part of a title",
        ),
    ),
)
UPDATE: Final = Command(
    "update",
    "Add what is new in the feeds that you follow.",
    _run_update,
    (
        make_argument(
            "feeds",
            nargs="*",
            metavar="FEED",
            help="a number of `reader feeds list`, an address, or a part of a title;"
            " without it, all",
        ),
        make_argument(
            "--to",
            type=Path,
            metavar="FOLDER",
            help="save the stories in this folder, not in your own library",
        ),
    ),
)
FOLDER: Final = Command(
    "folder",
    "Add a folder of stories to the library, remove it, or list all folders.",
    _run_folder,
    (
        make_argument("action", choices=["add", "remove", "list"]),
        make_argument(
            "path",
            nargs="?",
            metavar="FOLDER",
            help=f"the folder; {BUNDLED} stands for the stories that come with reader",
        ),
    ),
)
