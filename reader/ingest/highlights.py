"""Attach highlights of other programs to the stories that they are of, by their words.

Other programs know neither our places nor our typography, so that only letters and digits count.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from reader.errors import UnreadableFile
from reader.ingest.known_stories import describe_existing, fold_title
from reader.library.describing import describe_document
from reader.library.files import find_file, read_bytes
from reader.library.scan import scan_folder
from reader.library.source.dates import parse_date
from reader.library.story import parse_slices, read_source
from reader.reading.annotations import Highlight
from reader.store.schema import HighlightRow
from reader.store.stories import make_story_details
from reader.text.cells import sanitize
from reader.text.document import Document, Place
from reader.text.places import Passage, extract_text, make_anchor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from reader.ingest import Facts, SourceHighlight
    from reader.ingest.known_stories import Existing
    from reader.library.story import Story
    from reader.store.repository import Store


_MIN_LETTERS: Final = 4
"""A shorter passage may be anywhere in a text."""
_MAX_TEXT: Final = 20_000
_MAX_NOTE: Final = 100_000


class SubjectFinder:
    """Finds the stories of a folder, and of those in it, by what another program calls them."""

    def __init__(self, folder: Path) -> None:
        self._titles: dict[str, dict[Path, Existing]] = {}
        self._addresses: dict[str, Path] = {}
        for file in scan_folder(folder) if folder.is_dir() else ():
            self.add(file.path)

    def add(self, path: Path) -> None:
        """Add the story at `path`."""
        try:
            existing = describe_existing(path, read_bytes(path).decode("utf-8", "replace"))
        except UnreadableFile:
            return
        if existing.address:
            self._addresses.setdefault(existing.address, path)
        for name in filter(None, (existing.title, existing.series)):
            for title in _list_titles(name):
                self._titles.setdefault(title, {})[path] = existing

    def find(self, subject: Facts) -> list[Path]:
        """Return the stories with the address of `subject`, else those with its title or series."""
        from reader.ingest.known_stories import normalize_address

        address = normalize_address(subject.url)
        if address in self._addresses:
            return [self._addresses[address]]
        for title in _list_titles(subject.title):
            found = [
                path
                for path, existing in self._titles.get(title, {}).items()
                if _is_same_author(existing.author, subject.author)
            ]
            if found:
                return sorted(found)
        return []


def _list_titles(title: str) -> list[str]:
    """Return a title folded, and without its subtitle."""
    short = re.split(r"[:(\[]|\s[-–—]\s", title, maxsplit=1)[0]
    return [folded for each in dict.fromkeys((title, short)) if (folded := fold_title(each))]


def _is_same_author(one: str, other: str) -> bool:
    names, others = set(fold_title(one).split()), set(fold_title(other).split())
    return not (names and others) or any(len(name) > 2 for name in names & others)


def attach_highlights(
    store: Store, paths: Iterable[Path], highlights: Sequence[SourceHighlight]
) -> list[SourceHighlight]:
    """Save highlights in the first of the stories at `paths` that has their words.

    One that was attached before, and may have been deleted since, stays as it is. Returns those
    that no story has. Raises `StateError`.
    """
    remaining = list(highlights)
    for path in paths:
        if not remaining:
            break
        try:
            story, document = _load_story(path)
        except UnreadableFile:
            continue
        words = _Letters(document)
        remaining = [
            highlight
            for highlight in remaining
            if not _attach(store, story, document, highlight, words.find(highlight.text))
        ]
    return remaining


def _load_story(path: Path) -> tuple[Story, Document]:
    source, document = read_source(path), Document()
    for piece in parse_slices(source.body, source.front_matter.title):
        document.extend(piece.blocks)
        if piece.is_last:
            document.finish(piece.footnotes)
    file = find_file(path)
    return describe_document(source, file.folder if file is not None else "", document), document


def _attach(
    store: Store,
    story: Story,
    document: Document,
    highlight: SourceHighlight,
    passage: Passage | None,
) -> bool:
    """Save a highlight of `passage`; return whether the story has it now."""
    if passage is None:
        return False
    text = extract_text(document, *passage)
    if not text or len(text) > _MAX_TEXT:
        return False
    key = f"{story.id}\n{''.join(filter(str.isalnum, highlight.text))}"
    highlight_id = blake2b(key.encode(), digest_size=8).hexdigest()
    if store.record_store.find(HighlightRow, highlight_id) is None:
        store.annotation_store.save_highlight(
            Highlight(
                highlight_id,
                story.id,
                make_anchor(document, passage.start),
                text,
                sanitize(highlight.note)[:_MAX_NOTE].strip(),
                read_time(highlight.created),
            ),
            make_story_details(story),
        )
    return True


def read_time(text: str) -> datetime:
    """Return a time that another program wrote, the present one if it isn't understood."""
    now = datetime.now(UTC)
    try:
        if re.fullmatch(r"\d{9,13}(?:\.\d+)?", text):
            seconds = float(text) / (1000 if len(text.partition(".")[0]) > 11 else 1)
            return min(datetime.fromtimestamp(seconds, UTC), now)
        found = datetime.fromisoformat(text)
        return min(found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC), now)
    except (ValueError, OverflowError, OSError):
        day = parse_date(text)
    if day.day is None or day.text:
        return now
    midnight = datetime(day.day.year, day.day.month, day.day.day, tzinfo=UTC)
    return min(midnight + timedelta(seconds=day.seconds), now)


class _Letters:
    """The letters and digits of a text, and where each of them is."""

    def __init__(self, document: Document) -> None:
        self._document = document
        parts = [_keep_letters(document.get_block(n).text) for n in range(document.last_block + 1)]
        self._text = "".join(parts)
        self._starts = [0, *accumulate(map(len, parts))]

    def find(self, text: str) -> Passage | None:
        """Return the first passage with the letters of `text`, None without one."""
        wanted = _keep_letters(text)
        start = self._text.find(wanted) if len(wanted) >= _MIN_LETTERS else -1
        if start < 0:
            return None
        first, last = self._locate(start), self._locate(start + len(wanted) - 1)
        before = re.match(r"[^\w\s]*", text.strip())
        after = re.search(r"[^\w\s]*\Z", text.strip())
        return Passage(
            self._widen(first, -(len(before[0]) if before else 0)),
            self._widen(last._replace(offset=last.offset + 1), len(after[0]) if after else 0),
        )

    def _widen(self, place: Place, count: int) -> Place:
        """Return `place` moved over as many marks, forward or back, as there are up to `count`."""
        text, offset = self._document.get_block(place.block).text, place.offset
        step = 1 if count > 0 else -1
        for _ in range(abs(count)):
            index = offset if step > 0 else offset - 1
            if not 0 <= index < len(text) or re.match(r"[\w\s]", text[index]):
                break
            offset += step
        return place._replace(offset=offset)

    def _locate(self, index: int) -> Place:
        block = bisect_right(self._starts, index) - 1
        number = index - self._starts[block]
        for offset, character in enumerate(self._document.get_block(block).text):
            number -= len(_keep_letters(character))
            if number < 0:
                return Place(block, offset)
        raise AssertionError("the block has that many letters")


def _keep_letters(text: str) -> str:
    """Return the letters and digits of a text in lower case; raised digits are of footnotes."""
    return "".join(c.lower() for c in text if c.isalpha() or c.isdecimal())
