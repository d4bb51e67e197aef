"""Save stories for the commands that add them, and print what was found in each."""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING

from reader.cli import print_error
from reader.cli.context import open_store
from reader.cli.output import print_lines
from reader.errors import ReaderError, UnreadableFile
from reader.paths import Paths
from reader.text.cells import sanitize, sanitize_line

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable
    from pathlib import Path

    from reader.ingest import Draft, Facts
    from reader.ingest.adding import Added, Adder
    from reader.ingest.save import Saved
    from reader.store.repository import Store

    GetStore = Callable[[], Store]
    """Returns the reading data, which are opened by the first call."""


def share_store(stack: contextlib.ExitStack, *, reads_only: bool = False) -> GetStore:
    """Return what opens the reading data once, until `stack` is closed.

    A process must have the file open only once: see `store.files.copy_database`.
    """
    return cache(lambda: stack.enter_context(open_store(reads_only=reads_only)))


def make_adder(folder: Path | None, get_store: GetStore, *, fetches: bool) -> Adder:
    """Return what saves stories; the reading data is opened once there are highlights."""
    from reader.ingest.adding import Adder
    from reader.ingest.sources import load_source, read_drafts

    def report(error: ReaderError) -> None:
        print_error(str(error))

    return Adder(
        _choose_folder(folder),
        get_store,
        (lambda url: read_drafts(load_source(url, print_error))) if fetches else None,
        report,
    )


def make_save(folder: Path | None, get_store: GetStore) -> Callable[[Draft], None]:
    """Return what saves a story in `folder`, or in the library, and prints it."""
    adder = make_adder(folder, get_store, fetches=False)
    return lambda draft: save_story(draft, adder, draft.facts.url)


def save_story(draft: Draft, adder: Adder | None, name: str) -> None:
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


class BookReport:
    """Prints the path of a book's first part at once, and in the end what was found in all."""

    def __init__(self) -> None:
        self._facts: Facts | None = None
        self._parts = self._words = self._updates = self._changes = self._total = 0

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
        self._total = draft.place.total if draft.place is not None else 1
        self._show(f"  {self._parts} of {self._total} parts" if self._total > 1 else "")

    def _show(self, text: str) -> None:
        """Replace the line of progress, if there is a terminal to see it."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()

    def finish(self, *, is_complete: bool) -> None:
        """Print the line of what was found, if a part was saved."""
        if self._facts is None:
            return
        self._show("")
        of_all = "" if is_complete else f" of {self._total}"
        parts = [
            sanitize_line(self._facts.series or self._facts.title, 80),
            sanitize_line(self._facts.author, 60),
            self._facts.published,
            f"{self._parts}{of_all} part{'s' if self._parts != 1 else ''}",
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
