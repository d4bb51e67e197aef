"""The wording of notices about what was changed, and about what was undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.reading.progress import ReadStatus
from reader.session.read_status import (
    DeletionChange,
    GroupChange,
    LabelChange,
    ShelfChange,
    StatusChange,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.library.story import Story
    from reader.reading.annotations import AnnotationChange
    from reader.session.read_status import Change
    from reader.session.shelf.entries import TitleFacts
    from reader.store.stories import LabelEdit


UNSAVED_MESSAGE: Final = "not saved yet"
"""What the notice of a change says while nothing is being saved."""


class NoticeKeys(NamedTuple):
    """The keys that notices name; empty for a command without a key."""

    undo: str = "U"
    note: str = "e"
    highlight: str = "H"
    hide: str = "X"
    read: str = "Enter"

    def add_hints(self, text: str, *hints: tuple[str, str]) -> str:
        """Return `text` with what can be done now: keys, and what each does."""
        known = [f"{key} {result}" for key, result in hints if key]
        return f"{text}: {', '.join(known)}" if known else f"{text}."

    def offer_undo(self, text: str) -> str:
        """Return `text` with the key that undoes what it says."""
        return self.add_hints(text, (self.undo, "undoes it"))


def format_change(
    change: StatusChange, names: str, keys: NoticeKeys | None = None, *, is_saved: bool = True
) -> str:
    """Return the notice that the read status changed of a story, or of those with `names`."""
    words = {
        ReadStatus.FINISHED: "Finished",
        ReadStatus.READING: "Started",
        ReadStatus.UNREAD: "Unread again",
    }
    key = (keys or NoticeKeys()).undo
    undo = f" ({key} undoes it)" if key else ""
    return f"{words[change.status]}{format_unsaved(is_saved)}: {names}{undo}"


def format_shelf_change(
    change: ShelfChange, names: str, keys: NoticeKeys, *, is_saved: bool
) -> str:
    """Return the notice that stories with `names` are off the shelf or shown again."""
    word = "Hidden" if change.is_hidden else "Shown again"
    undo = f" ({keys.undo} undoes it)" if keys.undo else ""
    return f"{word}{format_unsaved(is_saved)}: {names}{undo}"


def format_unsaved(is_saved: bool) -> str:
    """Return the words that follow what was done if it is not saved."""
    return "" if is_saved else f", {UNSAVED_MESSAGE}"


def format_undo(change: Change | None, facts: TitleFacts, *, is_saved: bool = True) -> str:
    """Return the notice that `change` was undone; None means that there was no change."""
    if change is None:
        return "There is nothing to undo."
    if isinstance(change, ShelfChange):
        title, result = facts.name_story(change.story), _format_shelf_undo(change)
    elif isinstance(change, DeletionChange):
        if change.problem:
            return f"Not brought back: {change.problem}."
        title, result = name_stories(change.stories, facts), "on the shelf again"
    elif isinstance(change, LabelChange):
        title, result = name_stories(change.stories, facts), _format_label_undo(change)
    elif isinstance(change, GroupChange):
        first, title = change.changes[0], name_stories(change.stories, facts)
        result = _format_shelf_undo(first) if isinstance(first, ShelfChange) else "as before"
    elif not isinstance(change, StatusChange):
        title, result = change.annotation.title, _format_annotation_undo(change)
    else:
        title, result = facts.name_story(change.story), f"{change.status_before} again"
    return f"{title}: {result}{format_unsaved(is_saved)}."


def _format_shelf_undo(change: ShelfChange) -> str:
    return "on the shelf again" if change.is_hidden else "hidden again"


def format_deletion(change: DeletionChange, names: str, keys: NoticeKeys) -> str:
    """Return the notice that stories with `names` were deleted, and why others were not."""
    undo = f" ({keys.undo} brings {'it' if len(change.stories) == 1 else 'them'} back)"
    text = f"Deleted: {names}{undo if keys.undo else ''}"
    return f"{text}; not deleted: {change.problem}" if change.problem else text


def format_label_change(
    change: LabelChange, names: str, keys: NoticeKeys, *, is_saved: bool
) -> str:
    """Return the notice that stories with `names` got stars or tags, or lost them."""
    undo = f" ({keys.undo} undoes it)" if keys.undo else ""
    done = _describe_edits(change.edits)
    return f"{done}{format_unsaved(is_saved)}: {names}{undo}"


def name_stories(stories: Sequence[Story], facts: TitleFacts) -> str:
    """Return the title of a story, told from others with that title, or how many they are."""
    return facts.name_story(stories[0]) if len(stories) == 1 else f"{len(stories)} stories"


def _describe_edits(edits: Sequence[LabelEdit]) -> str:
    """Return what was done: `Starred`, `Tagged work, sea`."""
    if not edits[0].tag:
        return "Starred" if edits[0].is_set else "Star removed"
    added = dict.fromkeys(f"#{edit.tag}" for edit in edits if edit.is_set)
    removed = dict.fromkeys(f"#{edit.tag}" for edit in edits if not edit.is_set)
    parts = [f"tagged {' '.join(added)}"] if added else []
    parts += [f"without {' '.join(removed)}"] if removed else []
    done = ", ".join(parts)
    return f"{done[0].upper()}{done[1:]}"


def _format_label_undo(change: LabelChange) -> str:
    if not change.edits[0].tag:
        return "the star is removed" if change.edits[0].is_set else "starred again"
    return "the tags are changed back"


def _format_annotation_undo(change: AnnotationChange) -> str:
    before, after, annotation = change.before, change.after, change.annotation
    kind = "response" if annotation.highlight is None else "highlight"
    if before is None:
        result = "removed"
    elif after is None:
        result = "restored"
    else:
        result = "changed back"
        if before.highlight is not None and before.text != after.text:
            kind = "note"
    return f"the {kind} is {result}"
