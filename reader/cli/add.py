"""What adds to the library: `reader add` brings stories in, and `reader folder` keeps its folders.

Stories come from the web, from files, from copied text and from pipes. The list of folders is in the
reading data; those of `config.toml` are listed too, but only the user changes that file.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reader.cli import print_error
from reader.cli.context import is_private, load_config, open_store
from reader.cli.output import print_lines
from reader.cli.registry import Command, make_argument
from reader.cli.standard_input import read_stdin
from reader.errors import BadUsage, ReaderError, StateError, UnknownStory, UnreadableFile
from reader.library.files import BUNDLED
from reader.paths import Paths, shorten_home
from reader.text.cells import sanitize, sanitize_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator

    from reader.config import Config
    from reader.ingest import Draft, Facts
    from reader.ingest.adding import Added, Adder
    from reader.ingest.save import Saved
    from reader.ingest.sources import Content
    from reader.store.repository import Store


FORMATS: Final = (
    "page", "mhtml", "text", "markdown", "feed", "epub", "omnivore", "pocket", "instapaper", "reader", "readwise", "wallabag",
    "clippings", "links",
)  # fmt: skip
"""The formats that `--as` takes: the names of `ingest.sources.READERS`, which is imported late."""
_PASTE_PROGRAMS: Final = (
    ("wl-paste", "--no-newline", "--type", "text"),
    ("xclip", "-out", "-selection", "clipboard"),
    ("xsel", "--output", "--clipboard"),
    ("pbpaste",),
    ("termux-clipboard-get",),
)
"""Programs that print the clipboard: of Wayland, of X11 (two), of macOS, of Termux."""
_PASTE_SECONDS: Final = 10


def _run_add(args: argparse.Namespace) -> int:
    if is_private() and not args.dry_run:
        raise StateError("Private mode: nothing was added")
    if bool(args.sources) == args.paste:
        raise BadUsage("name what to add, or use --paste; see: reader add --help")
    exit_code = 0
    with contextlib.ExitStack() as stack:
        adder = None if args.dry_run else _make_adder(args.to, stack, fetches=args.fetch)
        for content in _load_all(args.sources or [None]):
            try:
                if isinstance(content, ReaderError):
                    raise content
                exit_code = max(exit_code, _add(content, args, adder))
            except ReaderError as error:  # the other sources are added all the same
                print_error(str(error))
                exit_code = max(exit_code, error.exit_code)
    return exit_code


def _make_adder(folder: Path | None, stack: contextlib.ExitStack, *, fetches: bool) -> Adder:
    """Return what saves stories; the reading data is opened once there are highlights."""
    from reader.ingest.adding import Adder
    from reader.ingest.sources import load_source, read_drafts

    def report(error: ReaderError) -> None:
        print_error(str(error))

    return Adder(
        _choose_folder(folder),
        lambda: stack.enter_context(open_store()),
        (lambda url: read_drafts(load_source(url, print_error))) if fetches else None,
        report,
    )


def make_save(folder: Path | None, stack: contextlib.ExitStack) -> Callable[[Draft], None]:
    """Return what saves a story in `folder`, or in the library, and prints it."""
    adder = _make_adder(folder, stack, fetches=False)
    return lambda draft: _save(draft, adder, draft.facts.url)


def _load_all(sources: Iterable[str | None]) -> Iterator[Content | ReaderError]:
    """Yield the content of each source, or why it can't be loaded; None is the clipboard."""
    from reader.ingest.sources import Content, load_source

    for source in sources:
        try:
            if source is None:
                yield Content(_read_clipboard(), "clipboard")
            elif source == "-":
                yield Content(read_stdin(), "standard input")
            else:
                yield load_source(source, print_error)
        except ReaderError as error:
            yield error


def _add(content: Content, args: argparse.Namespace, adder: Adder | None) -> int:
    """Save the stories of `content`, or print them without an adder; return the exit code.

    Raises `ReaderError`.
    """
    from reader.ingest.sources import find_format, read_drafts

    format_name = args.format or (find_format(content) if content.data.strip() else "")
    if format_name == "feed":
        from reader.cli.feeds import add_feed

        return add_feed(content, args, lambda draft: _save(draft, adder, content.name))
    book = _BookReport()
    try:
        for draft in read_drafts(content, args.format or ""):
            if adder is not None and draft.place is not None:
                book.add(draft, adder)
            else:
                _save(draft, adder, content.name)
    finally:
        book.finish()
    return 0


def _save(draft: Draft, adder: Adder | None, name: str) -> None:
    """Save and describe a story of the source `name`, or print it. Raises `ReaderError`."""
    from reader.ingest.save import write_markdown

    if adder is None:
        print(sanitize(write_markdown(draft)), end="")
    else:
        for added in adder.add(draft):
            print_lines(_describe_added(added))
    for notice in draft.notices:
        print_error(f"{sanitize_line(draft.facts.title or name, 100)}: {notice}")
    sys.stdout.flush()


class _BookReport:
    """Prints the path of a book's first part at once, and in the end what was found in all."""

    def __init__(self) -> None:
        self._facts: Facts | None = None
        self._parts = self._words = self._updates = self._changes = 0

    def add(self, draft: Draft, adder: Adder) -> None:
        """Save a part. Raises `ReaderError`."""
        for added in adder.add(draft):
            if self._facts is None and added.saved is not None:
                print_lines([sanitize_line(str(added.saved.path), 4_000)])
            self._facts = self._facts or draft.facts
            self._parts += 1
            self._words += sum(len(block.split()) for block in draft.blocks)
            self._updates += added.saved is not None and added.saved.is_update
            self._changes += added.saved is not None and added.saved.is_changed
        total = draft.place.total if draft.place is not None else 1
        self._show(f"  {self._parts} of {total} parts" if total > 1 else "")

    def _show(self, text: str) -> None:
        """Replace the line of progress, if there is a terminal to see it."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()

    def finish(self) -> None:
        """Print the line of what was found, if a part was saved."""
        if self._facts is None:
            return
        self._show("")
        parts = [
            sanitize_line(self._facts.series or self._facts.title, 80),
            sanitize_line(self._facts.author, 60),
            self._facts.published,
            f"{self._parts} part{'s' if self._parts != 1 else ''}",
            f"{self._words} words",
            "" if not self._updates else "text updated" if self._changes else "unchanged",
        ]
        print_lines([f"  {' · '.join(part for part in parts if part)}"])


def _describe_added(added: Added) -> list[str]:
    """Return the path of a story and one line of what was found."""
    draft, attached = added.draft, added.attached
    marks = f"{attached} highlight{'s' if attached != 1 else ''}" if attached else ""
    if added.saved is None:
        subject = draft.subject.title if draft.subject is not None else draft.facts.title
        return [f"{sanitize_line(subject, 80)} · {marks} attached"]
    line = " · ".join(filter(None, [_describe(draft, added.saved), marks and f"{marks} attached"]))
    return [sanitize_line(str(added.saved.path), 4_000), f"  {line}"]


def _choose_folder(folder: Path | None) -> Path:
    own = folder or Paths.default().stories
    if own is None:
        raise UnreadableFile("there is no home folder to add a story to; choose a folder with --to")
    return own


def _describe(draft: Draft, saved: Saved) -> str:
    """Return one line of what was found in the source."""
    facts = draft.facts
    words = draft.count_words()
    left_out = len(draft.removed)
    links = len(draft.links)
    parts = [
        sanitize_line(facts.title, 80) or "no title",
        sanitize_line(facts.author, 60),
        facts.published,
        f"{links} link{'s' if links != 1 else ''}; fetch them with --fetch"
        if links
        else f"{words} word{'s' if words != 1 else ''}",
        f"{left_out} part{'s' if left_out != 1 else ''} left out" if left_out else "",
        "" if not saved.is_update else "text updated" if saved.is_changed else "unchanged",
    ]
    return " · ".join(part for part in parts if part)


def _read_clipboard() -> bytes:
    """Return the text of the clipboard, which a program of the desktop prints."""
    import shutil
    import subprocess

    for program, *arguments in _PASTE_PROGRAMS:
        path = shutil.which(program)
        if path is None:
            continue
        try:
            # The program is one of the list, and its arguments are fixed.
            result = subprocess.run(  # noqa: S603
                [path, *arguments],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PASTE_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if result.returncode == 0 and result.stdout.strip():
            return result.stdout
    raise UnreadableFile(
        "the clipboard has no text, or no program here can print it;"
        " use `reader add -`, paste the text, and press Ctrl+D"
    )


ADD: Final = Command(
    "add",
    "Add stories to your library: web pages, copied text, books, feeds, exports.",
    _run_add,
    (
        make_argument(
            "sources",
            nargs="*",
            metavar="SOURCE",
            help="an address that begins with http:// or https://, a file (a page, text, Markdown, a book, a feed, an export),"
            " or - for standard input",
        ),
        make_argument("--paste", action="store_true", help="add the text of the clipboard"),
        make_argument(
            "--as",
            dest="format",
            choices=FORMATS,
            help="what the source is, if its content doesn't tell",
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
"""The command, for `cli.commands.COMMANDS`."""


def _run_folder(args: argparse.Namespace) -> int:
    from reader.store.folders import get_folder, load_folders, make_folder_key, save_folder

    if args.action == "list":
        if args.path is not None:
            raise BadUsage("list takes no path")
        with open_store(reads_only=True) as store:
            return print_lines(_format_folders(store))
    if args.path is None:
        raise BadUsage(f"{args.action} needs the path of a folder, or {BUNDLED}")
    is_added = args.action == "add"
    path = Path(args.path)
    # A folder that is called so is meant if it is there.
    is_bundled = args.path == BUNDLED and not path.is_dir()
    if is_added and not is_bundled and not path.is_dir():
        problem = "this is a file" if path.exists() else "there is no such folder"
        raise UnknownStory(f"{sanitize_line(args.path)}: {problem}")
    key = BUNDLED if is_bundled else make_folder_key(path)
    with open_store() as store:
        if not store.is_persistent:
            reason = "Private mode" if is_private() else "your reading data can't be written"
            raise StateError(f"{reason}: nothing was changed")
        row = get_folder(load_folders(store.record_store), key)
        if not is_added and not row.listed:
            raise UnknownStory(_explain_missing(key, load_config()))
        is_new = save_folder(store.record_store, row._replace(listed=int(is_added)))
    name = sanitize_line(key)
    if is_added:
        return print_lines([f"added: {name}" if is_new else f"{name} is in the library already"])
    return print_lines([f"removed: {name}; its files and your reading data stay"])


def _explain_missing(key: str, config: Config) -> str:
    from reader.store.folders import make_folder_key

    configured = (*config.library, *config.folder)
    if key in [make_folder_key(Path(os.path.expanduser(each.path))) for each in configured]:  # noqa: PTH111  raises nothing
        return f"{sanitize_line(key)} is in {Paths.default().config}: remove it there"
    return f"{sanitize_line(key)} is not in the library; see: reader folder list"


def _format_folders(store: Store) -> Iterator[str]:
    """Yield a line for each folder of the library: its path, and where it is from."""
    from reader.cli.context import find_library_folders
    from reader.store.folders import load_folders, make_folder_key

    paths = Paths.default()
    rows = load_folders(store.record_store)
    for folder in find_library_folders(paths, load_config(), rows):
        key = make_folder_key(folder.path)
        if folder.path == paths.stories:
            if not folder.path.is_dir():
                continue
            origin = "your own stories"
        elif key == BUNDLED:
            origin = "the stories that come with reader"
        else:
            origin = "added" if key in rows and rows[key].listed else "in config.toml"
        missing = "" if folder.path.is_dir() else "; there is no such folder"
        yield f"{sanitize_line(shorten_home(str(folder.path)))}  ({origin}{missing})"


FOLDER: Final = Command(
    "folder",
    "Add a folder of stories to the library, remove it from there, or list all folders.",
    _run_folder,
    (
        make_argument("action", choices=["add", "remove", "list"]),
        make_argument(
            "path",
            nargs="?",
            metavar="PATH",
            help=f"the folder; {BUNDLED} stands for the stories that come with reader",
        ),
    ),
)
"""The command, for `cli.commands.COMMANDS`."""
