"""The stories that have reading data: what they are called, where they are, how they are found.

`session.identities` decides which file is which story; this is what it is decided from. Also what
the reader has done to them as a whole: hidden, starred, tagged. A star or a tag that was taken off
keeps its row, so that a merge with another device knows it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import normalize

from reader.store.schema import HiddenRow, IdentityRow, StarRow, StoryRow, TagRow
from reader.text.cells import sanitize_line
from reader.text.digests import compute_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reader.library.story import Story
    from reader.store.records import RecordStore
    from reader.store.schema import Stamp


MAX_TAG_CHARACTERS: Final = 60
MAX_TAGS: Final = 50
"""The longest tag, and the most tags that are taken from one text."""
_BETWEEN_TAGS: Final = re.compile(r"[\s,;]+")
_QUOTES: Final = re.compile('["“”„]')
"""What no tag has: a query has quotation marks around values."""


class StoryDetails(NamedTuple):
    """What a story was when it was last open; it has a title even after its file is gone."""

    path: Path
    folder: str
    title: str = ""
    author: str = ""
    url: str = ""
    fingerprint: str = ""
    """Of its words; empty if the whole text isn't known."""


def make_story_details(story: Story) -> StoryDetails:
    """Return the details of `story` as it is now."""
    return StoryDetails(
        story.path, story.folder, story.title, story.author, story.url, story.fingerprint
    )


class KnownStory(NamedTuple):
    """A story with reading data, as it was last seen on any device."""

    id: str
    path: Path
    folder: str
    title: str
    author: str
    fingerprint: str
    is_local: bool
    """Its path is one of this device, and of this home folder."""
    origin: str
    """The device on which it was met first."""
    merged_into: str


def load_known_stories(store: RecordStore, after: int = -1) -> list[KnownStory]:
    """Return the stories that were ever open, the one changed last at the end.

    Only those with a change that has a serial number above `after`.
    """
    device, place = store.load_device()[0], _get_place(store)
    changed = """
        WHERE id IN (
            SELECT id FROM story WHERE serial > ?
            UNION SELECT story_id FROM identity WHERE serial > ?
        )"""  # to look at the changes of all stories takes 100 ms with 100,000 of them
    rows = store.fetch_all(
        f"""
        SELECT id, path, folder, title, author, ifnull(fingerprint, '') AS fingerprint,
            ifnull(path_device, story.device) AS path_device,
            ifnull(origin, story.device) AS origin, ifnull(merged_into, '') AS merged_into
        FROM story LEFT JOIN identity ON story_id = id
        {changed if after >= 0 else ""} ORDER BY story.serial
        """,  # noqa: S608  our own text
        *((after, after) if after >= 0 else ()),
    )
    return [
        KnownStory(
            row["id"],
            Path(os.fsdecode(row["path"])),
            row["folder"],
            title=row["title"],
            author=row["author"],
            fingerprint=row["fingerprint"],
            is_local=row["path_device"] in (device, place),
            origin=row["origin"],
            merged_into=row["merged_into"],
        )
        for row in rows
    ]


def _get_place(store: RecordStore) -> str:
    """Return where paths of stories are valid: on this device, with the data in this folder.

    A home folder that was copied, or restored elsewhere, has the same device but other paths.
    """
    device = store.load_device()[0]
    if not store.folder:
        return device
    return f"{device}:{compute_digest(os.fsencode(store.folder), 4)}"


def find_story_changes(
    store: RecordStore, story_id: str, details: StoryDetails
) -> list[StoryRow | IdentityRow]:
    """Return the rows to write so that the story has these details on this device.

    A fingerprint that isn't known leaves the stored one.
    """
    path = os.fsencode(os.path.realpath(details.path))
    row = StoryRow(story_id, path, details.folder, details.title, details.author, details.url)
    device = store.load_device()[0]
    before = store.find(IdentityRow, story_id) or IdentityRow(story_id, "", device, device, "")
    identity = before._replace(
        fingerprint=details.fingerprint or before.fingerprint, path_device=_get_place(store)
    )
    changed: list[StoryRow | IdentityRow] = []
    if store.find(StoryRow, story_id) != row:
        changed.append(row)
    if store.find(IdentityRow, story_id) != identity:
        changed.append(identity)
    return changed


def save_details(store: RecordStore, stories: Mapping[str, StoryDetails]) -> None:
    """Save the details of stories, by id, in one transaction if any has changed."""
    rows = [
        row
        for story_id, details in stories.items()
        for row in find_story_changes(store, story_id, details)
    ]
    if rows:
        with store.transaction() as stamp:
            for row in rows:
                store.put(row, stamp)


def put_details(store: RecordStore, story_id: str, details: StoryDetails, stamp: Stamp) -> None:
    """Save the details of a story. Call it in a `transaction`."""
    for row in find_story_changes(store, story_id, details):
        store.put(row, stamp)


def load_hidden(store: RecordStore) -> frozenset[str]:
    """Return the ids of the stories that the reader has hidden from the shelf."""
    return frozenset(
        row[0] for row in store.fetch_all("SELECT story_id FROM hidden_story WHERE hidden")
    )


def save_hidden(
    store: RecordStore, story_id: str, details: StoryDetails, *, is_hidden: bool
) -> None:
    """Save whether the shelf leaves a story out, and its details, in one transaction."""
    with store.transaction() as stamp:
        put_details(store, story_id, details, stamp)
        store.put(HiddenRow(story_id, int(is_hidden)), stamp)


class Labels(NamedTuple):
    """The star and the tags of one story."""

    is_starred: bool = False
    tags: tuple[str, ...] = ()
    """In alphabetical order."""


NO_LABELS = Labels()


class LabelEdit(NamedTuple):
    """A star or a tag that is put on a story, or taken off."""

    story_id: str
    tag: str
    """Empty for the star."""
    is_set: bool

    @property
    def inverse(self) -> LabelEdit:
        """What undoes the edit."""
        return self._replace(is_set=not self.is_set)


def parse_tags(text: str) -> tuple[str, ...]:
    """Return the tags that were typed, with commas or spaces between them, each once.

    A `#` before a tag is left out, as are quotation marks.
    """
    from reader.text.search import fold_text  # the first screen doesn't need it

    tags: dict[str, str] = {}
    for word in _BETWEEN_TAGS.split(_QUOTES.sub("", normalize("NFC", sanitize_line(text, 10_000)))):
        tag = word.lstrip("#")[:MAX_TAG_CHARACTERS]
        if fold_text(tag):
            tags.setdefault(fold_text(tag), tag)
    return (*tags.values(),)[:MAX_TAGS]


def make_tag_key(story_id: str, tag: str) -> str:
    """Return the key of a tag's row: the same for all cases and accents of its letters."""
    from reader.text.search import fold_text  # the first screen doesn't need it

    return compute_digest(f"{story_id}\0{fold_text(tag)}".encode(), 8)


class StoredLabels(NamedTuple):
    """The labels of all stories that have any."""

    source: str = ""
    """All of them in one text, which SQLite makes much faster than the rest is read."""
    by_story: Mapping[str, Labels] = {}


def load_labels(store: RecordStore, before: StoredLabels | None = None) -> StoredLabels:
    """Return the labels of all stories; those of `before` if nothing has changed since."""
    row = store.fetch_one(
        """
        SELECT ifnull((SELECT count(*) || group_concat(story_id) FROM star WHERE starred), '') ||
            char(10) || ifnull((SELECT count(*) || group_concat(story_id || char(9) || tag)
                                FROM tag WHERE NOT deleted), '') AS source
        """
    )
    source = str(row["source"]) if row is not None else ""
    if before is not None and before.source == source:
        return before
    tags: dict[str, list[str]] = {}
    for story_id, tag in store.fetch_all("SELECT story_id, tag FROM tag WHERE NOT deleted"):
        tags.setdefault(story_id, []).append(tag)
    starred = {row[0] for row in store.fetch_all("SELECT story_id FROM star WHERE starred")}
    by_story = dict.fromkeys(starred, Labels(is_starred=True))
    for key, theirs in tags.items():
        by_story[key] = Labels(key in starred, (*sorted(theirs, key=str.casefold),))
    return StoredLabels(source, by_story)


def edit_labels(before: Labels, edits: Iterable[LabelEdit]) -> Labels:
    """Return the labels of a story after edits of them."""
    from reader.text.search import fold_text  # the first screen doesn't need it

    is_starred, tags = before.is_starred, {fold_text(tag): tag for tag in before.tags}
    for edit in edits:
        if not edit.tag:
            is_starred = edit.is_set
        elif edit.is_set:
            tags[fold_text(edit.tag)] = edit.tag
        else:
            tags.pop(fold_text(edit.tag), None)
    return Labels(is_starred, (*sorted(tags.values(), key=str.casefold),))


def save_labels(
    store: RecordStore, edits: Sequence[LabelEdit], stories: Mapping[str, StoryDetails]
) -> None:
    """Save edits, and the details of their stories by id, in one transaction."""
    with store.transaction() as stamp:
        for story_id, details in stories.items():
            put_details(store, story_id, details, stamp)
        for edit in edits:
            if edit.tag:
                key = make_tag_key(edit.story_id, edit.tag)
                row = TagRow(key, edit.story_id, edit.tag, int(not edit.is_set))
                store.put(row, stamp)
            else:
                store.put(StarRow(edit.story_id, int(edit.is_set)), stamp)


class AnnotatedStories(NamedTuple):
    """Which stories have annotations."""

    version: tuple[object, ...] = ()
    """Another one after each change."""
    ids: Mapping[str, frozenset[str]] = {}
    """The ids of those that have a `highlight`, a `note` and a `response`, by these names."""


def load_annotated(store: RecordStore, before: AnnotatedStories) -> AnnotatedStories:
    """Return which stories have annotations; what was loaded `before` if nothing has changed.

    With 10,000 highlights it takes 10 to 20 ms, and 3 if nothing has changed (measured).
    """
    changes = store.fetch_one(
        """
        SELECT (SELECT count(*) FROM highlight), (SELECT max(serial) FROM highlight),
            (SELECT count(*) FROM response), (SELECT max(serial) FROM response),
            (SELECT count(*) FROM identity WHERE merged_into <> '')
        """
    )
    version = tuple(changes) if changes is not None else ()
    if version and version == before.version:
        return before
    highlights = store.fetch_all(
        """
        SELECT story_id, max(trim(note, char(9, 10, 13, 32)) <> '') AS has_note
        FROM highlight WHERE NOT deleted GROUP BY story_id
        """
    )
    responses = store.fetch_all("SELECT story_id FROM response WHERE text <> ''")
    ids = {
        "highlight": frozenset(row["story_id"] for row in highlights),
        "note": frozenset(row["story_id"] for row in highlights if row["has_note"]),
        "response": frozenset(row["story_id"] for row in responses),
    }
    return AnnotatedStories(version, ids)


def choose_merge_target(one: str, other: str) -> str:
    """Return the id under which two stories are merged: the same on every device.

    An id that an author chose is better than a number. Otherwise it is the lower one: by one
    order for all devices, no two stories are ever merged into each other.
    """
    return min(one, other, key=lambda story_id: (is_number(story_id), story_id))


def is_number(story_id: str) -> bool:
    """Return whether an id is one that this program makes."""
    return len(story_id) == 12 and all(digit in "0123456789abcdef" for digit in story_id)


def simplify_path(path: Path) -> str:
    """Return a path as it is equal in all cases and normal forms of its letters."""
    return normalize("NFC", str(path)).casefold()
