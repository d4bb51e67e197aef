"""The stories that are in a folder already: which of them is the same as a draft.

The files are read once, so that adding many stories takes time in proportion to their number.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import normalize
from urllib.parse import parse_qsl, urlencode, urlsplit

from reader.errors import UnreadableFile
from reader.library.files import STORY_SUFFIXES, read_bytes
from reader.library.source.frontmatter import find_fence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reader.ingest import Draft


_HEAD_CHARACTERS: Final = 64 * 1024
_MIN_OVERLAP: Final = 0.5
"""The share of words that two versions of a story without an address have in common."""
_MIN_REPLACEMENT: Final = 0.25
"""The same share for two versions that have one address."""
_TRACKING: Final = re.compile(
    r"utm_\w+|fbclid|gclid|mc_[ce]id|igshid|ref|ref_src|source|srsltid|_hs\w+", re.IGNORECASE
)
_FIELD: Final = r"(?m)^{indent}(id|url|title|author|series)[ \t]*[:=](.*)$"


class Existing(NamedTuple):
    """A story that is in a folder."""

    path: Path
    story_id: str
    address: str
    """Normalised; empty for none."""
    title: str
    author: str
    series: str

    def read(self) -> str:
        """Return the text of its file, empty if it can't be read any more."""
        return self.read_bytes().decode("utf-8", "replace")

    def read_bytes(self) -> bytes:
        """Return the content of its file, empty if it can't be read any more."""
        try:
            return read_bytes(self.path)
        except UnreadableFile:
            return b""


class KnownStories:
    """The stories directly in one folder, by what they are found again by."""

    def __init__(self, folder: Path) -> None:
        self._ids: dict[str, Existing] = {}
        self._addresses: dict[str, Existing] = {}
        self._titles: dict[str, dict[Path, Existing]] = {}
        for path, text in _read_stories(folder):
            self.add(path, text)

    def add(self, path: Path, text: str) -> None:
        """Add the story at `path`, or replace what was known of it."""
        existing = describe_existing(path, text)
        if existing.story_id:
            self._ids.setdefault(existing.story_id, existing)
        if existing.address:
            self._addresses.setdefault(existing.address, existing)
        self._titles.setdefault(fold_title(existing.title), {})[path] = existing

    def find(self, draft: Draft) -> Existing | None:
        """Return the story that is the same as `draft`, by address, id, or title and words."""
        if draft.place is not None:
            return self._ids.get(draft.place.story_id)
        address = normalize_address(draft.facts.url)
        own_id = read_field(draft.verbatim, "id")
        found = self._addresses.get(address) if address else None
        found = found if found is not None and _may_replace(draft, found) else None
        found = found or (self._ids.get(own_id) if own_id else None)
        if found is not None:
            return found
        titles = {fold_title(draft.facts.title), *([""] if draft.verbatim else [])}
        candidates = (each for title in titles for each in self._titles.get(title, {}).values())
        possible = (each for each in candidates if not (address and each.address))
        return next((each for each in possible if _is_twin(draft, each)), None)

    def make_id(self, draft: Draft) -> str:
        """Return the id of a new story: of its address, else of its title and author."""
        if draft.place is not None:
            return draft.place.story_id
        if own := read_field(draft.verbatim, "id"):
            return own
        facts = draft.facts
        key = normalize_address(facts.url) or f"{facts.title}\n{facts.author}"
        for number in range(1, 1_000):
            digest = blake2b(f"{key}\n{number}".encode(), digest_size=6).hexdigest()
            if digest not in self._ids:
                return digest
        return blake2b(os.urandom(16), digest_size=6).hexdigest()


def describe_existing(path: Path, text: str) -> Existing:
    """Return what the front matter of the story at `path` says."""
    fields = _read_fields(text)
    return Existing(
        path,
        fields.get("id", ""),
        normalize_address(fields.get("url", "")),
        fields.get("title", ""),
        fields.get("author", ""),
        fields.get("series", ""),
    )


def normalize_address(url: str) -> str:
    """Return what an address has in common with others of the same page; empty for none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if not parts.hostname:
        return ""
    query = [
        (name, value) for name, value in parse_qsl(parts.query) if not _TRACKING.fullmatch(name)
    ]
    host = parts.hostname.removeprefix("www.").removeprefix("m.")
    suffix = f":{port}" if port not in (None, 80, 443) else ""
    path = re.sub(r"/(?:index\.\w{3,5}|amp)?/?\Z", "", parts.path)
    return f"{host}{suffix}{path}{'?' + urlencode(query) if query else ''}"


def _is_twin(draft: Draft, existing: Existing) -> bool:
    """Return whether a story without the address has title, author and most words of a draft."""
    if draft.verbatim and not existing.title:
        return existing.read().endswith(draft.verbatim)
    if fold_title(existing.title) != fold_title(draft.facts.title) or not existing.title:
        return False
    author = fold_title(existing.author)
    if author and draft.facts.author and author != fold_title(draft.facts.author):
        return False
    return _measure_overlap(draft, existing) >= _MIN_OVERLAP


def _may_replace(draft: Draft, existing: Existing) -> bool:
    """Return whether a page with the address of a story is that story.

    A page names its own address, and another site must not replace a story by naming its address:
    the titles or the words must be alike.
    """
    is_titled_so = fold_title(existing.title) == fold_title(draft.facts.title)
    return is_titled_so or _measure_overlap(draft, existing) >= _MIN_REPLACEMENT


def _measure_overlap(draft: Draft, existing: Existing) -> float:
    """Return the share of the words of the shorter text that the other one has too."""
    texts = (draft.body, existing.read())
    mine, theirs = (Counter(re.findall(r"\w+", text.casefold())) for text in texts)
    shared = sum((mine & theirs).values())
    return shared / max(1, min(sum(mine.values()), sum(theirs.values())))


def fold_title(text: str) -> str:
    """Return the words of a title or name without case and punctuation."""
    return " ".join(re.findall(r"\w+", normalize("NFKC", text).casefold()))


def read_field(text: str, name: str) -> str:
    """Return a field of front matter as it is written here; others write it much the same."""
    return _read_fields(text).get(name, "")


def _read_fields(text: str) -> dict[str, str]:
    fence = find_fence(text)
    if fence is None:
        return {}
    end = text.find(f"\n{fence.indent}{fence.mark}", fence.end - 1, fence.end + _HEAD_CHARACTERS)
    fields: dict[str, str] = {}
    for match in re.finditer(_FIELD.format(indent=fence.indent), text[fence.end : max(0, end)]):
        if value := match[2].strip():
            fields.setdefault(match[1], _read_value(value))
    return fields


def _read_value(value: str) -> str:
    if not value.startswith('"'):
        return value.strip("'")
    try:
        loaded = json.loads(value)
    except ValueError:
        loaded = value.strip('"')
    return loaded if isinstance(loaded, str) else ""


def _read_stories(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the paths and texts of the stories directly in `folder` that can be read."""
    with os.scandir(folder) as entries:
        names = sorted(
            entry.name
            for entry in entries
            if entry.name.lower().endswith(STORY_SUFFIXES) and entry.is_file(follow_symlinks=False)
        )
    for name in names:
        try:
            yield folder / name, read_bytes(folder / name).decode("utf-8", "replace")
        except UnreadableFile:
            continue
