"""Star stories and put tags on them, several at once; each change is undone as one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

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


_NO_FILE: Final = "this text has no file"


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

    def toggle_star(self, stories: Sequence[Story]) -> LabelChange | None:
        """Star those of `stories` that have no star; if all have one, take the stars off.

        Raises `StateError`, and then nothing has changed, or `BadUsage` if none has a file.
        """
        labels = self.load()
        return self.set_star(stories, is_set=self.lacks_star(stories, labels), labels=labels)

    def lacks_star(self, stories: Sequence[Story], labels: Mapping[str, Labels]) -> bool:
        """Return whether any of `stories` has no star. Raises `BadUsage` if none has a file."""
        if not any(story.is_persistent for story in stories):
            raise BadUsage(_NO_FILE)
        return any(
            story.is_persistent and not labels.get(story.id, NO_LABELS).is_starred
            for story in stories
        )

    def set_star(
        self, stories: Iterable[Story], *, is_set: bool, labels: Mapping[str, Labels]
    ) -> LabelChange | None:
        """Star stories, or take the stars off; None if nothing changes.

        `labels` are those that they have now. Raises `StateError`, and then nothing has changed.
        """
        edits = [
            LabelEdit(story.id, "", is_set)
            for story in stories
            if story.is_persistent and labels.get(story.id, NO_LABELS).is_starred is not is_set
        ]
        return self._make_change(stories, edits)

    def list_common_tags(self, stories: Sequence[Story]) -> list[str]:
        """Return the tags that the reader has put on each of these stories."""
        labels = self.load()
        common = labels.get(stories[0].id, NO_LABELS).tags
        for tags in {labels.get(story.id, NO_LABELS).tags: None for story in stories}:
            folded = {fold_text(tag) for tag in tags}
            common = tuple(tag for tag in common if fold_text(tag) in folded)
        return [*common]

    def change_tags(
        self,
        stories: Sequence[Story],
        added: Iterable[str],
        removed: Iterable[str],
        labels: Mapping[str, Labels] | None = None,
    ) -> LabelChange | None:
        """Put tags on stories that lack them, and take others off; None if nothing changes.

        Case and accents make no other tag. `labels` are those that the stories have now, if they
        are loaded already. Raises what `toggle_star` raises.
        """
        if not any(story.is_persistent for story in stories):
            raise BadUsage(_NO_FILE)
        labels = self.load() if labels is None else labels
        wanted = [(tag, True) for tag in added] + [(tag, False) for tag in removed]
        edits = [
            LabelEdit(story.id, tag, is_set)
            for story in stories
            if story.is_persistent
            for tag, is_set in wanted
            if _has_tag(labels.get(story.id, NO_LABELS).tags, tag) is not is_set
        ]
        return self._make_change(stories, edits)

    def _make_change(
        self, stories: Iterable[Story], edits: Sequence[LabelEdit]
    ) -> LabelChange | None:
        if not edits:
            return None
        ids = {edit.story_id for edit in edits}
        change = LabelChange(tuple(story for story in stories if story.id in ids), tuple(edits))
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


def _has_tag(tags: Collection[str], wanted: str) -> bool:
    return fold_text(wanted) in map(fold_text, tags)
