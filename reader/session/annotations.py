"""Change and list annotations: highlights with their notes, and responses to stories.

Each change is written to the store at once, shown on the open story, and put on the undo
stack. Text that is being typed is a draft, which is saved every half second.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from reader.errors import StateError
from reader.library.files import find_path_end, join_path
from reader.paths import find_path_lengths
from reader.reading.annotations import (
    Annotation,
    AnnotationChange,
    Highlight,
    OwnPart,
    highlight_to_annotation,
)
from reader.store.stories import AnnotatedStories, load_annotated, make_story_details
from reader.text.places import extract_text, make_anchor, widen_to_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from reader.library.story import Story
    from reader.reading.annotations import HistoryEntry
    from reader.session.open_story import OpenStory
    from reader.session.read_status import UndoStack
    from reader.store.repository import Store
    from reader.store.stories import StoryDetails
    from reader.store.write_behind import WriteBehind
    from reader.text.places import Passage


MAX_CHARACTERS: Final = 20_000
"""The length limit of a highlight, a note or a response, in characters: about ten pages."""


class AnnotationDraft:
    """A note or a response while the reader types it."""

    def __init__(self, annotation: Annotation, story: Story | None) -> None:
        self.annotation = annotation
        """The annotation as it was before."""
        self.text = self.saved_text = annotation.text
        """The text as it was read last, and what of it is in the store."""
        self.read_text: Callable[[], str] | None = None
        """Returns the text in the editor, while that is open."""
        self.own_part = OwnPart(annotation.text)
        """What of the stored text was written in this editor."""
        self.stored_text = annotation.text
        """The text that was stored last: with what other programs have written meanwhile."""
        self.story = story
        """The story, if the store may have no record of it yet."""
        self.is_closed = False
        """The reader has closed the editor."""

    def update(self) -> None:
        """Read the text in the editor."""
        if self.read_text is not None:
            self.text = self.read_text()

    @property
    def is_merged(self) -> bool:
        """The stored text has words of another program, which has changed it meanwhile."""
        return self.stored_text.strip() != self.text.strip()

    def close(self) -> None:
        """Read the text in the editor for the last time."""
        self.update()
        self.text, self.read_text, self.is_closed = self.text.strip(), None, True


class Annotations:
    """The reader's annotations, for the whole session."""

    def __init__(
        self,
        store: Store,
        write_behind: WriteBehind,
        undo_stack: UndoStack,
        get_current: Callable[[], OpenStory | None],
    ) -> None:
        self._store = store
        self._annotation_store = store.annotation_store
        self._reporter, self._write_now = write_behind.reporter, write_behind.write_now
        self._undo_stack = undo_stack
        undo_stack.add_revert(AnnotationChange, self.revert)
        self._get_current = get_current
        """Returns the story that is open."""
        self._first_passages: dict[str, Passage] = {}
        """The passage with which each highlight of this session began, by the highlight's id."""
        self._drafts: list[AnnotationDraft] = []
        self._annotated = AnnotatedStories()
        """Which stories had annotations when that was asked last."""

    def highlight_passage(
        self, passage: Passage, *, is_selected: bool = False
    ) -> AnnotationChange | None:
        """Highlight `passage` of the open story, or widen or narrow the highlight there.

        A highlighted sentence is widened to its paragraph, and a widened one is narrowed
        again. A passage that the reader selected inside a highlighted paragraph becomes a
        highlight of its own, unless the paragraph was widened from that same passage.
        Return None if the highlight can't become wider or narrower. Raises `StateError`.
        """
        open_story = self._get_current()
        if open_story is None:
            return None
        document, highlights = open_story.document, open_story.highlights
        existing = highlights.find_at(passage)
        widened = highlights.find_at(widen_to_blocks(document, passage))
        if existing is None and widened is not None:
            first = self._first_passages.get(widened.id)
            if first == passage or (first is None and not is_selected):
                existing = widened
        if existing is None:
            change = self._save_highlight(open_story, passage, None)
            self._first_passages[change.annotation.key[1]] = passage
            return change
        from reader.reading.highlights import toggle_extent  # not for the first screen

        extent = toggle_extent(document, passage, highlights.passages[existing.id])
        if extent is None or highlights.find_at(extent) is not None:
            return None
        self._first_passages.setdefault(existing.id, passage)
        return self._save_highlight(open_story, extent, existing)

    def _save_highlight(
        self, open_story: OpenStory, passage: Passage, before: Highlight | None
    ) -> AnnotationChange:
        story, document = open_story.story, open_story.document
        text, anchor = extract_text(document, *passage), make_anchor(document, passage.start)
        if len(text) > MAX_CHARACTERS:
            raise StateError(
                f"a highlight has at most {MAX_CHARACTERS} characters: select less text"
            )
        if before is None:
            after = Highlight(os.urandom(8).hex(), story.id, anchor, text, "", datetime.now(UTC))
        else:  # loaded again, since another program may have changed its note
            before = next(iter(self._annotation_store.load_highlights_by_id([before.id])), before)
            after = before._replace(anchor=anchor, text=text)
        if story.is_persistent:
            self._write_now(self._annotation_store.save_highlight, after, make_story_details(story))
        open_story.highlights.add(after, passage)
        return self._record_change(
            AnnotationChange(
                highlight_to_annotation(before, story.title) if before is not None else None,
                highlight_to_annotation(after, story.title),
            )
        )

    def delete(self, annotation: Annotation) -> AnnotationChange:
        """Delete a highlight with its note, or a response. Raises `StateError`."""
        self._delete(annotation)
        self._reload_open_story(annotation.story_id)
        return self._record_change(AnnotationChange(annotation, None))

    def revert(self, change: AnnotationChange) -> AnnotationChange:
        """Undo a change, and return it. Raises `StateError`, and then nothing has changed."""
        before, after = change.before, change.after
        own_part = OwnPart(after.text if after is not None else "")
        text_before = before.text if before is not None else ""

        def merge(stored: str) -> str:
            return own_part.merge(stored, text_before)[1]

        if change.annotation.highlight is None:
            save_response = self._annotation_store.save_response
            self._write_now(save_response, change.annotation.story_id, merge)
        elif before is None or before.highlight is None:
            self._delete(change.annotation)
        else:  # another program may have written a note since
            current = self.reload(change.annotation)
            note = merge(current.text if current is not None else "")
            highlight = before.highlight._replace(note=note)
            self._write_now(self._annotation_store.save_highlight, highlight)
        self._reload_open_story(change.annotation.story_id)
        return change

    def _delete(self, annotation: Annotation) -> None:
        """Delete an annotation. Raises `StateError` if its text was changed meanwhile."""
        current = self.reload(annotation)
        if current is not None and current.text.strip() != annotation.text.strip():
            raise StateError("its text was changed in another program")
        if annotation.highlight is not None:
            self._write_now(
                self._annotation_store.set_deleted, annotation.highlight.id, is_deleted=True
            )
        else:
            self._write_now(self._annotation_store.save_response, annotation.story_id, "")

    def _record_change(self, change: AnnotationChange) -> AnnotationChange:
        self._undo_stack.push(change)
        return change

    def _reload_open_story(self, story_id: str) -> None:
        """Show the stored highlights on the open story if it is the one with that id."""
        open_story = self._get_current()
        if open_story is not None and open_story.story.id == story_id:
            open_story.highlights.set_highlights(self.load_highlights(story_id))

    def open_draft(self, annotation: Annotation, story: Story | None = None) -> AnnotationDraft:
        """Return a draft of the stored text of `annotation`: the unsaved one, if there is one.

        `story` is required for a response to a story that was never open.
        """
        for draft in self._drafts:
            if draft.annotation.key == annotation.key:
                draft.is_closed = False
                return draft
        self._drafts.append(AnnotationDraft(self.reload(annotation) or annotation, story))
        return self._drafts[-1]

    def finish_draft(self, draft: AnnotationDraft) -> AnnotationChange | None:
        """Save a draft and close it. Return None if the text is what it was before.

        Raises `StateError`; the draft stays, and `save_drafts` tries again.
        """
        draft.close()
        self._save_draft(draft)
        self._drafts.remove(draft)
        if draft.text == draft.annotation.text and not draft.is_merged:
            return None
        self._reload_open_story(draft.annotation.story_id)
        before, after = draft.annotation, draft.annotation.with_text(draft.stored_text)
        if draft.is_merged:  # undoing removes only the reader's own words
            before = before.with_text(draft.own_part.merge(draft.stored_text, "")[1])
        if before.text == after.text:
            return None
        return self._record_change(
            AnnotationChange(None if before.is_empty else before, None if after.is_empty else after)
        )

    def discard_draft(self, draft: AnnotationDraft) -> AnnotationChange | None:
        """Close a draft and store the text of before. Undoing that brings back what was typed.

        Return None if nothing was typed. Raises `StateError`, and then the draft stays open.
        """
        draft.update()
        typed = draft.text
        draft.text = draft.annotation.text
        try:
            self._save_draft(draft)
        except StateError:
            draft.text = typed
            raise
        draft.read_text, draft.is_closed = None, True
        self._drafts.remove(draft)
        self._reload_open_story(draft.annotation.story_id)
        before = draft.annotation.with_text(
            draft.own_part.merge(draft.stored_text, typed.strip())[1]
        )
        after = draft.annotation.with_text(draft.stored_text)
        if before.text.strip() == after.text.strip():
            return None
        return self._record_change(
            AnnotationChange(
                None if before.is_empty else before,
                None if after.is_empty else after,
                is_discard=True,
            )
        )

    def save_drafts(self) -> None:
        """Save what has been typed so far. What can't be written now is tried the next time."""
        for draft in list(self._drafts):
            with suppress(StateError):
                if draft.is_closed:
                    self.finish_draft(draft)
                else:
                    draft.update()
                    self._save_draft(draft)

    def _save_draft(self, draft: AnnotationDraft) -> None:
        """Save the text of a draft, together with what other programs have written meanwhile."""
        if draft.text == draft.saved_text:
            return
        own_part, stored = draft.own_part, draft.text

        def merge(text: str) -> str:
            nonlocal own_part, stored
            own_part, stored = draft.own_part.merge(text, draft.text)
            return stored

        if draft.annotation.highlight is not None:
            save_note = self._annotation_store.save_note
            self._write_now(save_note, draft.annotation.highlight.id, merge)
        elif draft.story is None:
            self._write_now(self._annotation_store.save_response, draft.annotation.story_id, merge)
        elif draft.story.is_persistent:
            details = make_story_details(draft.story)
            self._write_now(self._annotation_store.save_response, draft.story.id, merge, details)
        draft.own_part, draft.stored_text, draft.saved_text = own_part, stored, draft.text

    def list_annotated(self) -> Mapping[str, frozenset[str]]:
        """Return the ids of the stories that have a `highlight`, a `note` or a `response`."""
        load = partial(load_annotated, self._store.record_store, self._annotated)
        self._annotated = self._reporter.attempt(load, self._annotated)
        return self._annotated.ids

    def list_highlight_ids(self) -> list[str]:
        """Return the ids of all highlights, the newest first."""
        return self._reporter.attempt_list(self._annotation_store.load_highlight_ids)

    def list_highlights(self, ids: Iterable[str]) -> list[Annotation]:
        """Return the highlights with these ids in this order, without those that don't exist."""
        highlights = self._reporter.attempt_list(
            partial(self._annotation_store.load_highlights_by_id, list(ids))
        )
        titles = {key: self.get_title(key) for key in {one.story_id for one in highlights}}
        return [highlight_to_annotation(one, titles[one.story_id]) for one in highlights]

    def list_responses(self) -> list[Annotation]:
        """Return all responses, the newest first."""
        responses = self._reporter.attempt_list(self._annotation_store.load_responses)
        return [
            Annotation(one.story_id, self.get_title(one.story_id), one.changed_at, None, one.text)
            for one in reversed(responses)
        ]

    def list_history(self) -> list[tuple[HistoryEntry, str]]:
        """Return the finished readings with the names of their stories, the newest first."""
        history = self._reporter.attempt_list(self._store.load_history)
        names = self._name_stories({entry.story_id for entry in history})
        return [(entry, names[entry.story_id]) for entry in history]

    def _name_stories(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the titles of stories by id, with ends of their paths where titles are the same."""
        known = {key: self.get_story_details(key) for key in ids}
        lengths = find_path_lengths([(str(one.path), one.title) for one in known.values() if one])
        return {
            key: join_path(one.title or key, find_path_end(str(one.path), lengths)) if one else key
            for key, one in known.items()
        }

    def load_highlights(self, story_id: str) -> list[Highlight]:
        """Return the highlights of a story, the oldest first."""
        return self._reporter.attempt_list(
            partial(self._annotation_store.load_highlights, story_id)
        )

    def load_response(self, story_id: str) -> str:
        """Return the text of the response to a story, or an empty text."""
        return self._reporter.attempt(partial(self._annotation_store.load_response, story_id), "")

    def get_response(self, story: Story) -> Annotation:
        """Return the response to `story`; its text is empty if there is none."""
        text = self.load_response(story.id)
        return Annotation(story.id, story.title, datetime.now(UTC), None, text)

    def reload(self, annotation: Annotation) -> Annotation | None:
        """Return an annotation as the store has it now, or None if it was deleted."""
        if annotation.highlight is not None:
            return next(iter(self.list_highlights([annotation.highlight.id])), None)
        text = self.load_response(annotation.story_id)
        return annotation._replace(response=text) if text else None

    def get_story_details(self, story_id: str) -> StoryDetails | None:
        """Return the details of a story as they were when it was last open."""
        return self._reporter.attempt(partial(self._store.load_story_details, story_id), None)

    def get_title(self, story_id: str) -> str:
        """Return the title of a story as it was when it was last open, else its id."""
        details = self.get_story_details(story_id)
        return (details.title if details else "") or story_id
