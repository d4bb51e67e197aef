"""Save a draft as a file of a folder, and find the story again that was added before.

The file belongs to the user: its name comes from the title, an earlier version is kept when it is
replaced, and what was left out of the source is beside it, in the hidden folder `.removed`.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import category, normalize

from reader.errors import UnreadableFile
from reader.ingest.known_stories import KnownStories
from reader.library.files import read_bytes
from reader.library.source.frontmatter import find_fence, split_front_matter
from reader.paths import make_private_folder
from reader.store.files import lock_folder, replace_file
from reader.text.cells import sanitize, sanitize_line

if TYPE_CHECKING:
    from pathlib import Path

    from reader.ingest import BookPart, Draft


REMOVED_FOLDER: Final = ".removed"
"""The folder beside the stories with what was left out. Scans skip it, since it is hidden."""
PICTURE_FOLDER: Final = "pictures"
"""The folder in that of a book with its pictures."""
BOOK_MARK: Final = ".book"
"""The file in the folder of a book that says which book it is."""
_MAX_NAME_BYTES: Final = 100
_NAME_WORDS: Final = 6
"""Words of the text that name the file of a story without a title."""
_MAX_FIELD: Final = 2_000


class Saved(NamedTuple):
    """A story that was saved."""

    path: Path
    story_id: str
    is_update: bool
    """It replaced an earlier version, whose reading data it keeps."""
    is_changed: bool
    """The file is new or was changed."""


def save_draft(draft: Draft, folder: Path, known: KnownStories | None = None) -> Saved:
    """Save a story in `folder`, which is made if it is missing.

    The same story, by its address or by title, author and words, is replaced, and keeps its id
    and its file. `known` has the stories of the folder, and gets this one, so that saving many
    takes time in proportion to their number. Raises `UnreadableFile` if it can't be saved.
    """
    try:
        make_private_folder(folder, may_be_link=True)
        with lock_folder(folder):
            return _save(draft, folder, KnownStories(folder) if known is None else known)
    except OSError as error:
        name = sanitize_line(str(error.filename or folder))
        reason = (error.strerror or "can't be written").lower()
        raise UnreadableFile(
            f"{name}: {reason}, so nothing was added; choose a folder with --to"
        ) from error


def _save(draft: Draft, folder: Path, known: KnownStories) -> Saved:
    existing = known.find(draft)
    if existing is not None:
        path, story_id = existing.path, existing.story_id
    else:
        opening = " ".join(" ".join(draft.blocks[:1]).split()[:_NAME_WORDS])
        stem = draft.place.stem if draft.place is not None else ""
        path = _choose_path(stem or draft.facts.title or opening, folder)
        story_id = known.make_id(draft)
    text = write_markdown(draft, story_id)
    before = existing.read_bytes() if existing is not None else None
    is_changed = before != text.encode()
    if is_changed:
        if before is not None:
            _write(folder / REMOVED_FOLDER / f"{path.stem}.previous.md", before)
        _write_removed(draft, folder, path)
        _write_pictures(draft, folder)
        _write(path, text.encode())
        known.add(path, text)
    return Saved(path, story_id, existing is not None, is_changed)


def _write_removed(draft: Draft, folder: Path, path: Path) -> None:
    """Write what was left out, before the story itself, so that no text is ever lost."""
    target = folder / REMOVED_FOLDER / f"{path.stem}.txt"
    if draft.removed:
        text = "\n\n".join(piece.text for piece in draft.removed) + "\n"
        _write(target, text.encode("utf-8", "replace"))
    elif target.is_file():
        target.unlink()


def _write(path: Path, data: bytes) -> None:
    make_private_folder(path.parent, may_be_link=path.parent.name != REMOVED_FOLDER)
    with replace_file(path) as fresh:
        fresh.write_bytes(data)


def choose_book_folder(place: BookPart, parent: Path) -> Path:
    """Return the folder of a book in `parent`; it is made, and marked as the book's, if it is new.

    Raises `UnreadableFile` if it can't be made.
    """
    number = 1
    try:
        while True:
            folder = parent / (place.folder if number == 1 else f"{place.folder}-{number}")
            mark = folder / BOOK_MARK
            if not os.path.lexists(folder):
                make_private_folder(parent, may_be_link=True)
                make_private_folder(folder)
                _write(mark, f"{place.book_id}\n".encode())
                return folder
            if _read_mark(mark) == place.book_id and not folder.is_symlink():
                return folder
            number += 1
    except OSError as error:
        name = sanitize_line(str(error.filename or parent))
        reason = (error.strerror or "can't be written").lower()
        raise UnreadableFile(f"{name}: {reason}, so nothing was added") from error


def _read_mark(mark: Path) -> str:
    try:
        return read_bytes(mark).decode("utf-8", "replace").strip()
    except UnreadableFile:
        return ""


def _write_pictures(draft: Draft, folder: Path) -> None:
    """Write the pictures of a part that aren't there yet; one that can't be read is left out."""
    for picture in (*draft.pictures, *(draft.place.pictures if draft.place is not None else ())):
        path = folder / PICTURE_FOLDER / picture.name
        if os.path.lexists(path):
            continue
        try:
            data = picture.read()
        except UnreadableFile:
            continue
        make_private_folder(path.parent)
        with replace_file(path) as fresh:
            fresh.write_bytes(data)


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
        ("series", facts.series),
        ("part", facts.part),
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
    """Return a text in Markdown with an id in its front matter, unless it has one.

    Front matter without fences and in JSON stays as it is: the story is found again by its words.
    """
    matter, body = split_front_matter(text)
    if not story_id or matter.id:
        return text
    if body == text:
        return f"---\nid: {story_id}\n---\n\n{text}"
    fence = find_fence(text)
    if fence is None:
        return text
    for line in (f"id: {story_id}\n", f'id = "{story_id}"\n'):
        changed = f"{text[: fence.end]}{fence.indent}{line}{text[fence.end :]}"
        if split_front_matter(changed) == (matter._replace(id=story_id), body):
            return changed
    return text


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
