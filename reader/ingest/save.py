"""Save a draft as a file of a folder, and find the story again that was added before.

The file belongs to the user: its name comes from the title, an earlier version is kept when it is
replaced, and what was left out of the source is beside it, in the hidden folder `.removed`.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import category, normalize
from urllib.parse import parse_qsl, urlencode, urlsplit

from reader.errors import UnreadableFile
from reader.library.files import STORY_SUFFIXES, read_bytes
from reader.paths import make_private_folder
from reader.store.files import lock_folder, replace_file
from reader.text.cells import sanitize, sanitize_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reader.ingest import Draft


REMOVED_FOLDER: Final = ".removed"
"""The folder beside the stories with what was left out. Scans skip it, since it is hidden."""
_MAX_NAME_BYTES: Final = 100
_NAME_WORDS: Final = 6
"""Words of the text that name the file of a story without a title."""
_MAX_FIELD: Final = 2_000
_HEAD_CHARACTERS: Final = 64 * 1024
_MIN_OVERLAP: Final = 0.5
"""The share of words that two versions of a story without an address have in common."""
_TRACKING: Final = re.compile(
    r"utm_\w+|fbclid|gclid|mc_[ce]id|igshid|ref|ref_src|source|srsltid|_hs\w+", re.IGNORECASE
)
_FIELD: Final = re.compile(r"(?m)^(id|url|title|author)[ \t]*[:=][ \t]*(.+?)[ \t]*$")
_FENCE: Final = re.compile(r"\ufeff?(---|\+\+\+)[ \t]*\n")


class Saved(NamedTuple):
    """A story that was saved."""

    path: Path
    story_id: str
    is_update: bool
    """It replaced an earlier version, whose reading data it keeps."""
    is_changed: bool
    """The file is new or was changed."""


class _Existing(NamedTuple):
    """A story that is in the folder."""

    path: Path
    story_id: str
    text: str


def save_draft(draft: Draft, folder: Path) -> Saved:
    """Save a story in `folder`, which is made if it is missing.

    The same story, by its address or by title, author and words, is replaced, and keeps its id
    and its file. Raises `UnreadableFile` if it can't be saved.
    """
    try:
        make_private_folder(folder, may_be_link=True)
        with lock_folder(folder):
            return _save(draft, folder)
    except OSError as error:
        name = sanitize_line(str(error.filename or folder))
        reason = (error.strerror or "can't be written").lower()
        raise UnreadableFile(
            f"{name}: {reason}, so nothing was added; choose a folder with --to"
        ) from error


def _save(draft: Draft, folder: Path) -> Saved:
    existing = _find_existing(draft, folder)
    if existing is not None:
        path, story_id = existing.path, existing.story_id
    else:
        opening = " ".join(" ".join(draft.blocks[:1]).split()[:_NAME_WORDS])
        path = _choose_path(draft.facts.title or opening, folder)
        story_id = _make_id(draft, folder)
    text = write_markdown(draft, story_id)
    is_changed = existing is None or existing.text != text
    if is_changed:
        if existing is not None:
            _write(folder / REMOVED_FOLDER / f"{path.stem}.previous.md", existing.text)
        _write_removed(draft, folder, path)
        _write(path, text)
    return Saved(path, story_id, existing is not None, is_changed)


def _write_removed(draft: Draft, folder: Path, path: Path) -> None:
    """Write what was left out, before the story itself, so that no text is ever lost."""
    target = folder / REMOVED_FOLDER / f"{path.stem}.txt"
    if draft.removed:
        _write(target, "\n\n".join(piece.text for piece in draft.removed) + "\n")
    elif target.is_file():
        target.unlink()


def _write(path: Path, text: str) -> None:
    make_private_folder(path.parent, may_be_link=path.parent.name != REMOVED_FOLDER)
    with replace_file(path) as fresh:
        fresh.write_text(text, encoding="utf-8", newline="\n")


# Markdown


def write_markdown(draft: Draft, story_id: str = "") -> str:
    """Return a draft as the text of a file: front matter and body."""
    if draft.verbatim:
        return _add_id(draft.verbatim, story_id)
    facts = draft.facts
    fields: list[tuple[str, str | int | list[str]]] = [
        ("id", story_id),
        ("title", facts.title),
        ("deck", facts.deck),
        ("author", facts.author),
        ("published", facts.published),
        ("minutes", facts.minutes),
        ("credit", facts.credit),
        ("about", facts.about),
        ("tags", list(facts.tags)),
        ("language", facts.language),
        ("url", facts.url),
    ]
    lines = [f"{name}: {_write_value(name, value)}\n" for name, value in fields if value]
    matter = f"---\n{''.join(lines)}---\n\n" if lines else ""
    return matter + sanitize(draft.body)


def _write_value(name: str, value: str | int | list[str]) -> str:
    """Return a value in YAML, which takes strings as JSON writes them."""
    if isinstance(value, str):
        value = sanitize_line(value, _MAX_FIELD)
        return value if name == "published" else json.dumps(value, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False)


def _add_id(text: str, story_id: str) -> str:
    """Return a text in Markdown with an id in its front matter, unless it has one."""
    fence = _FENCE.match(text)
    if not story_id or (fence is not None and _read_field(text, "id")):
        return text
    if fence is None:
        is_json = text.lstrip().startswith("{")
        return text if is_json else f"---\nid: {story_id}\n---\n\n{text}"
    line = f"id: {story_id}\n" if fence[1] == "---" else f'id = "{story_id}"\n'
    return text[: fence.end()] + line + text[fence.end() :]


# Identity


def _make_id(draft: Draft, folder: Path) -> str:
    """Return the id of a new story: of its address, else of its title and author."""
    if own := _read_field(draft.verbatim, "id"):
        return own
    facts = draft.facts
    key = normalize_address(facts.url) or f"{facts.title}\n{facts.author}"
    taken = {existing.story_id for existing in _list_stories(folder)}
    for number in range(1, 1_000):
        digest = blake2b(f"{key}\n{number}".encode(), digest_size=6).hexdigest()
        if digest not in taken:
            return digest
    return blake2b(os.urandom(16), digest_size=6).hexdigest()


def normalize_address(url: str) -> str:
    """Return what an address has in common with others of the same page; empty for none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if not parts.hostname:
        return ""
    query = [
        (name, value) for name, value in parse_qsl(parts.query) if not _TRACKING.fullmatch(name)
    ]
    host = parts.hostname.removeprefix("www.").removeprefix("m.")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    path = re.sub(r"/(?:index\.\w{3,5}|amp)?/?\Z", "", parts.path)
    return f"{host}{port}{path}{'?' + urlencode(query) if query else ''}"


def _find_existing(draft: Draft, folder: Path) -> _Existing | None:
    """Return the story of the folder that is the same as `draft`."""
    address, own_id = normalize_address(draft.facts.url), _read_field(draft.verbatim, "id")
    twin = None
    for existing in _list_stories(folder):
        known = normalize_address(_read_field(existing.text, "url"))
        if (address and known == address) or (own_id and existing.story_id == own_id):
            return existing
        if twin is None and not (address and known) and _is_twin(draft, existing):
            twin = existing
    return twin


def _is_twin(draft: Draft, existing: _Existing) -> bool:
    """Return whether a story without an address has the title, author and most words of a draft."""
    title = _read_field(existing.text, "title")
    if draft.verbatim and not title:
        return existing.text.endswith(draft.verbatim)
    author = _read_field(existing.text, "author")
    if _fold(title) != _fold(draft.facts.title) or not title:
        return False
    if author and draft.facts.author and _fold(author) != _fold(draft.facts.author):
        return False
    mine, theirs = (
        Counter(re.findall(r"\w+", text.casefold())) for text in (draft.body, existing.text)
    )
    shared = sum((mine & theirs).values())
    return shared >= _MIN_OVERLAP * min(sum(mine.values()), sum(theirs.values()))


def _fold(text: str) -> str:
    return " ".join(re.findall(r"\w+", normalize("NFKC", text).casefold()))


def _read_field(text: str, name: str) -> str:
    """Return a field of front matter as it is written here; others write it much the same."""
    if not text.startswith(("---", "+++", "\ufeff---")):
        return ""
    end = text.find("\n+++" if text.startswith("+++") else "\n---", 3)
    for match in _FIELD.finditer(text[: end if 0 <= end < _HEAD_CHARACTERS else 0]):
        if match[1] == name:
            value = match[2]
            if value.startswith('"'):
                try:
                    loaded = json.loads(value)
                except ValueError:
                    loaded = value.strip('"')
                return loaded if isinstance(loaded, str) else ""
            return value.strip("'")
    return ""


def _list_stories(folder: Path) -> Iterator[_Existing]:
    """Yield the stories directly in `folder` that can be read."""
    with os.scandir(folder) as entries:
        names = sorted(
            entry.name
            for entry in entries
            if entry.name.lower().endswith(STORY_SUFFIXES) and entry.is_file(follow_symlinks=False)
        )
    for name in names:
        path = folder / name
        try:
            text = read_bytes(path).decode("utf-8", "replace")
        except UnreadableFile:
            continue
        yield _Existing(path, _read_field(text, "id"), text)


# Names


def _choose_path(title: str, folder: Path) -> Path:
    """Return a path in `folder` at which there is nothing yet."""
    stem = make_file_stem(title)
    path = folder / f"{stem}.md"
    number = 1
    while os.path.lexists(path):
        number += 1
        path = folder / f"{stem}-{number}.md"
    return path


def make_file_stem(title: str) -> str:
    """Return a title as a file name without its suffix: words in lower case, joined by dashes.

    It has no separators, no dots and no control characters, whatever the title has.
    """
    text = normalize("NFC", sanitize(title)).lower().replace("’", "").replace("'", "")
    # A mark, such as a vowel of Hindi, belongs to its letter, but isn't a letter for `re`.
    kept = (c if c.isalnum() or category(c).startswith("M") else " " for c in text)
    stem = "-".join("".join(kept).split())
    encoded = stem.encode()[:_MAX_NAME_BYTES].decode("utf-8", "ignore")
    if len(encoded) < len(stem) and "-" in encoded[20:]:
        encoded = encoded[: encoded.rindex("-")]
    return encoded.strip("-") or "untitled"
