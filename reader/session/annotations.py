"""Highlights, notes and responses as the reader makes, edits and deletes them."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import StateError
from reader.reading.annotations import Highlight

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reader.library.story import Story
    from reader.reading.annotations import HistoryEntry
    from reader.session.open_story import OpenStory
    from reader.session.read_status import StatusChange
    from reader.store.repository import StoryDetails
    from reader.store.write_behind import WriteBehind
    from reader.text.places import Passage


MAX_CHARACTERS: Final = 20_000
"""Characters of a quote, a remark or a response: some ten pages."""


class Annotation(NamedTuple):
    """One thing that the reader added to a story: a quote with its remark, or a response."""

    story_id: str
    """The story's id."""
    title: str
    created: datetime
    """When it was kept or written."""
    highlight: Highlight | None
    response: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What there is only one of."""
        return self.story_id, self.highlight.id if self.highlight is not None else ""

    @property
    def text(self) -> str:
        """The reader's own words: the remark or the response."""
        return self.response if self.highlight is None else self.highlight.note

    def with_text(self, text: str) -> Annotation:
        """Return this with other words of the reader's."""
        if self.highlight is None:
            return self._replace(response=text)
        return self._replace(highlight=self.highlight._replace(note=text))


def highlight_to_annotation(highlight: Highlight, title: str) -> Annotation:
    """Return `quote`, of a story of that title, as one thing that was added."""
    return Annotation(highlight.story_id, title, highlight.created_at, highlight)


class AnnotationChange(NamedTuple):
    """Something that was added, changed or taken away, and what undoes it."""

    before: Annotation | None
    after: Annotation | None

    @property
    def annotation(self) -> Annotation:
        """What it was done to."""
        found = self.after or self.before
        assert found is not None  # noqa: S101  a deed that did nothing is none
        return found


class AnnotationDraft:
    """Words that are being written beside a quote, or under a story."""

    def __init__(self, annotation: Annotation, story: Story | None) -> None:
        self.annotation = annotation
        self.text = self.saved_text = annotation.text
        self.story = story
        """The story, where it is one that may not have been met."""
        self.is_closed = False


class Annotations:
    """Keeps, writes, takes away and takes back."""

    def __init__(
        self,
        write_behind: WriteBehind,
        undo_stack: list[StatusChange | AnnotationChange],
        get_current: Callable[[], OpenStory | None],
    ) -> None:
        self._write_behind = write_behind
        self._undo_stack = undo_stack
        """What was done in this run, marks among it, in its order."""
        self._get_current = get_current
        """Returns the stay in the story that is open."""
        self._first_passages: dict[str, Passage] = {}
        """What quotes of this run, by id, were before they were widened."""
        self._drafts: list[AnnotationDraft] = []

    # Keeping ---------------------------------------------------------------------------

    def highlight_passage(
        self, passage: Passage, *, is_selected: bool = False
    ) -> AnnotationChange | None:
        """Keep `passage` of the open story, or widen or narrow what is kept there.

        What `is_selected` within a paragraph that was kept is a quote of its own, unless the
        paragraph was kept by widening it. None where it is kept, and its paragraph is no
        more, or is kept too. Raises `StateError`.
        """
        from reader.reading.annotations import toggle_extent
        from reader.text.places import widen_to_blocks

        visit = self._get_current()
        if visit is None:
            return None
        document, keeping = visit.document, visit.highlights
        before, wide = keeping.find_at(passage), keeping.find_at(widen_to_blocks(document, passage))
        if before is None and wide is not None:
            began = self._first_passages.get(wide.id)
            before = wide if began == passage or (began is None and not is_selected) else None
        if before is None:
            deed = self._save_highlight(visit, passage, None)
            self._first_passages[deed.annotation.key[1]] = passage
            return deed
        extent = toggle_extent(document, passage, keeping.passages[before.id])
        if extent is None or keeping.find_at(extent) is not None:
            return None
        self._first_passages.setdefault(before.id, passage)
        return self._save_highlight(visit, extent, before)

    def _save_highlight(
        self, visit: OpenStory, passage: Passage, before: Highlight | None
    ) -> AnnotationChange:
        from reader.text.places import extract_text, make_anchor

        text, anchor = (
            extract_text(visit.document, *passage),
            make_anchor(visit.document, passage[0]),
        )
        if len(text) > MAX_CHARACTERS:
            raise StateError(
                f"a quote has at most {MAX_CHARACTERS} characters, so keep less of the text"
            )
        story = visit.story
        if before is None:
            quote = Highlight(os.urandom(8).hex(), story.id, anchor, text, "", datetime.now(UTC))
        else:  # with the remark it has now: another program may have written one
            before = next(iter(self._write_behind.load_highlights_by_id([before.id])), before)
            quote = before._replace(anchor=anchor, text=text)
        self._write_behind.save_highlight(story, quote)
        visit.highlights.add(quote, passage)
        was = highlight_to_annotation(before, story.title) if before is not None else None
        return self._record_change(
            AnnotationChange(was, highlight_to_annotation(quote, story.title))
        )

    def delete(self, annotation: Annotation) -> AnnotationChange:
        """Take a quote or a response away. Raises `StateError`."""
        self._delete_annotation(annotation)
        self._refresh_highlights(annotation.story_id)
        return self._record_change(AnnotationChange(annotation, None))

    def undo(self) -> AnnotationChange | None:
        """Take back what was done last if it is one of these deeds. Raises `StateError`."""
        deed = self._undo_stack[-1] if self._undo_stack else None
        if not isinstance(deed, AnnotationChange):
            return None
        before, after = deed
        now = self.reload(deed.annotation)
        if before and after and now and before.text == after.text:
            before = before.with_text(now.text)  # what another program wrote meanwhile stays
        if before is None:
            self._delete_annotation(deed.annotation)
        elif before.highlight is not None:
            self._write_behind.annotations.save_highlight(before.highlight)
        else:
            self._write_behind.annotations.save_response(before.story_id, before.response)
        self._refresh_highlights(deed.annotation.story_id)
        self._undo_stack.pop()
        return deed

    def _delete_annotation(self, annotation: Annotation) -> None:
        if annotation.highlight is not None:
            self._write_behind.annotations.delete_highlight(annotation.highlight.id)
        else:
            self._write_behind.annotations.save_response(annotation.story_id, "")

    def _record_change(self, change: AnnotationChange) -> AnnotationChange:
        self._undo_stack.append(change)
        return change

    def _refresh_highlights(self, story_id: str) -> None:
        """Show what is kept of `story` now, if it is open."""
        visit = self._get_current()
        if visit is not None and visit.story.id == story_id:
            visit.highlights.set_highlights(self._write_behind.load_highlights(story_id))

    # Writing ---------------------------------------------------------------------------

    def get_response(self, story: Story) -> Annotation:
        """Return the response to `story`, empty where there is none yet."""
        text = self._write_behind.load_response(story.id)
        return Annotation(story.id, story.title, datetime.now(UTC), None, text)

    def open_draft(self, annotation: Annotation, story: Story | None = None) -> AnnotationDraft:
        """Return what words are written in: those of `on`, or what was not put down of them yet.

        A response needs its `story` where that may not have been open before.
        """
        for draft in self._drafts:
            if draft.annotation.key == annotation.key:
                draft.is_closed = False
                return draft
        self._drafts.append(AnnotationDraft(annotation, story))
        return self._drafts[-1]

    def finish_draft(self, draft: AnnotationDraft) -> AnnotationChange | None:
        """Put down a draft and be done with it; None if it says what stood there before.

        Raises `StateError`; then it is put down as soon as that can be.
        """
        draft.is_closed = True
        draft.text = draft.text.strip()
        self._save_draft(draft)
        self._drafts.remove(draft)
        if draft.text == draft.annotation.text:
            return None
        self._refresh_highlights(draft.annotation.story_id)
        after = draft.annotation.with_text(draft.text)
        is_empty = after.highlight is None and not after.response
        before = (
            None if after.highlight is None and not draft.annotation.response else draft.annotation
        )
        return self._record_change(AnnotationChange(before, None if is_empty else after))

    def save_drafts(self) -> None:
        """Put down what has been typed. What can't be written now is tried again."""
        for draft in list(self._drafts):
            with suppress(StateError):
                if draft.is_closed:
                    self.finish_draft(draft)
                else:
                    self._save_draft(draft)

    def _save_draft(self, draft: AnnotationDraft) -> None:
        if draft.text == draft.saved_text:
            return
        if draft.annotation.highlight is not None:
            self._write_behind.annotations.save_note(draft.annotation.highlight.id, draft.text)
        elif draft.story is not None:
            self._write_behind.save_response(draft.story, draft.text)
        else:
            self._write_behind.annotations.save_response(draft.annotation.story_id, draft.text)
        draft.saved_text = draft.text

    # All there is ----------------------------------------------------------------------

    def list_highlight_ids(self) -> list[str]:
        """Return the ids of all quotes, that of the newest first."""
        return self._write_behind.load_highlight_ids()

    def list_highlights(self, ids: Iterable[str]) -> list[Annotation]:
        """Return the quotes with those ids that are there, in that order."""
        found = self._write_behind.load_highlights_by_id(list(ids))
        titles = {story: self.get_title(story) for story in {quote.story_id for quote in found}}
        return [highlight_to_annotation(quote, titles[quote.story_id]) for quote in found]

    def list_responses(self) -> list[Annotation]:
        """Return every response, the newest first."""
        return [
            Annotation(one.story_id, self.get_title(one.story_id), one.changed_at, None, one.text)
            for one in reversed(self._write_behind.load_responses())
        ]

    def list_history(self) -> list[tuple[HistoryEntry, str]]:
        """Return what was finished when, the newest first, each with its story's title."""
        finishes = self._write_behind.load_history()
        titles = {one: self.get_title(one) for one in {finish.story_id for finish in finishes}}
        return [(finish, titles[finish.story_id]) for finish in finishes]

    def reload(self, annotation: Annotation) -> Annotation | None:
        """Return a quote or response as it is now, None if it is there no more."""
        if annotation.highlight is not None:
            return next(iter(self.list_highlights([annotation.highlight.id])), None)
        text = self._write_behind.load_response(annotation.story_id)
        return annotation._replace(response=text) if text else None

    def get_story_details(self, story_id: str) -> StoryDetails | None:
        """Return what the story with that id was when it was last open."""
        return self._write_behind.load_story_details(story_id)

    def get_title(self, story_id: str) -> str:
        """Return what the story with that id was called when it was last open."""
        known = self.get_story_details(story_id)
        return (known.title if known else "") or story_id
