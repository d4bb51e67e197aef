"""Star stories and put tags on them, several at once; each change is undone as one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from reader.errors import BadUsage
from reader.session.read_status import LabelChange
from reader.store.stories import (
    NO_LABELS,
    LabelEdit,
    StoredLabels,
    load_labels,
    make_story_details,
    save_labels,
)
from reader.text.search import fold_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from reader.library.story import Story
    from reader.session.read_status import UndoStack
    from reader.store.records import RecordStore
    from reader.store.stories import Labels
    from reader.store.write_behind import WriteBehind


class StoryLabels:
    """The stars and tags of stories. What it changes can be undone."""

    def __init__(
        self, write_behind: WriteBehind, record_store: RecordStore, undo_stack: UndoStack
    ) -> None:
        self._write_behind = write_behind
        self._record_store = record_store
        self._undo_stack = undo_stack
        self._loaded = StoredLabels()
        undo_stack.add_revert(LabelChange, self.revert)

    def load(self) -> Mapping[str, Labels]:
        """Return the labels of all stories that have any, by id."""
        load = partial(load_labels, self._record_store, self._loaded)
        self._loaded = self._write_behind.reporter.attempt(load, self._loaded)
        return self._loaded.by_story

    def list_tags(self) -> list[str]:
        """Return all tags that the reader has put on stories, each once."""
        tags = {fold_text(tag): tag for labels in self.load().values() for tag in labels.tags}
        return [*tags.values()]

    def toggle_star(self, stories: Sequence[Story]) -> LabelChange:
        """Star those of `stories` that have no star; if all have one, take the stars off.

        Raises `StateError`, and then nothing has changed, or `BadUsage` if none has a file.
        """
        labels, saved = self.load(), _list_saved(stories)
        starred = {story.id for story in saved if labels.get(story.id, NO_LABELS).is_starred}
        is_set = any(story.id not in starred for story in saved)
        changed = [story for story in saved if (story.id in starred) is not is_set]
        return self._make_change(changed, [LabelEdit(each.id, "", is_set) for each in changed])

    def list_common_tags(self, stories: Sequence[Story]) -> list[str]:
        """Return the tags that the reader has put on each of these stories."""
        labels = self.load()
        tags = [labels.get(story.id, NO_LABELS).tags for story in stories]
        folded = [{fold_text(tag) for tag in each} for each in tags]
        return [tag for tag in tags[0] if all(fold_text(tag) in each for each in folded)]

    def change_tags(
        self, stories: Sequence[Story], added: Iterable[str], removed: Iterable[str]
    ) -> LabelChange | None:
        """Put tags on stories that lack them, and take others off; None if nothing changes.

        Case and accents make no other tag. Raises what `toggle_star` raises.
        """
        labels, saved = self.load(), _list_saved(stories)
        wanted = [(tag, True) for tag in added] + [(tag, False) for tag in removed]
        edits = [
            LabelEdit(story.id, tag, is_set)
            for story in saved
            for tag, is_set in wanted
            if _has_tag(labels.get(story.id, NO_LABELS).tags, tag) is not is_set
        ]
        changed = {edit.story_id for edit in edits}
        if not edits:
            return None
        return self._make_change([story for story in saved if story.id in changed], edits)

    def _make_change(self, stories: Sequence[Story], edits: Sequence[LabelEdit]) -> LabelChange:
        change = LabelChange(tuple(stories), tuple(edits))
        self._save(change.stories, change.edits)
        self._undo_stack.push(change)
        return change

    def revert(self, change: LabelChange) -> LabelChange:
        """Undo a change, and return it. Raises `StateError`, and then nothing has changed."""
        self._save(change.stories, [edit.inverse for edit in change.edits])
        return change

    def _save(self, stories: Iterable[Story], edits: Sequence[LabelEdit]) -> None:
        details = {story.id: make_story_details(story) for story in stories}
        self._write_behind.write_now(save_labels, self._record_store, edits, details)


def _list_saved(stories: Iterable[Story]) -> list[Story]:
    """Return the stories about which something can be saved. Raises `BadUsage` if none can."""
    saved = [story for story in stories if story.is_persistent]
    if not saved:
        raise BadUsage("this text has no file")
    return saved


def _has_tag(tags: Collection[str], wanted: str) -> bool:
    return fold_text(wanted) in map(fold_text, tags)
