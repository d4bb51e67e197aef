"""Commands that change annotations: highlights, notes and responses."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from reader.errors import StateError
from reader.library.describing import describe_files
from reader.library.files import find_file, find_path_end
from reader.reading.annotations import AnnotationChange, highlight_to_annotation
from reader.text.cells import sanitize_line
from reader.text.places import Passage, widen_to_blocks
from reader.text.sentences import find_adjacent_sentence, find_sentence_at
from reader.ui import run_in_thread, start_worker
from reader.ui.widgets.notices import (
    UNSAVED_MESSAGE,
    format_unsaved,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from reader.library.files import File
    from reader.library.story import Story
    from reader.reading.annotations import Annotation, Highlight
    from reader.session.annotations import AnnotationDraft
    from reader.session.open_story import OpenStory
    from reader.ui.controllers import ScreenParts
    from reader.ui.controllers.desktop import Copier
    from reader.ui.controllers.stories import ReadStatusController
    from reader.ui.widgets.notices import NoticeKeys


POLL_SECONDS: Final = 0.05
"""Seconds between two checks whether a story is open and its highlight is located."""
MAX_POLLS: Final = 200
"""Checks before giving up, ten seconds in all: by then the story was left or can't be read."""
_PIPED_NOTICE: Final = "A story from standard input can't be annotated."


class AnnotationController:
    """Adds, edits, deletes, lists and shows annotations."""

    def __init__(
        self,
        parts: ScreenParts,
        copier: Copier,
        read_status: ReadStatusController,
    ) -> None:
        self._parts = parts
        self._copier = copier
        self._read_status = read_status
        self._annotations = parts.session.annotations

    def highlight(self) -> None:
        """Highlight the selection, or the sentence at the cursor.

        If it is highlighted already, widen the highlight to the paragraph, or narrow it again.
        """
        page, open_story = self._parts.page, self._parts.session.current
        if open_story is None or not page.has_focus:
            keys = self._parts.status_bar.keys
            text = "Sentences are highlighted on the page"
            self._show_notice(keys.add_hints(text, (keys.read, "goes there")))
            return
        if not open_story.story.is_persistent:
            self._show_notice(_PIPED_NOTICE)
            return
        passage = page.selection or self._find_sentence(open_story)
        if passage.start >= passage.end:
            self._show_notice("There is no sentence to highlight.")
            return
        try:
            change = self._annotations.highlight_passage(
                passage, is_selected=page.selection is not None
            )
        except StateError as error:
            self._show_notice(f"Not highlighted: {error}")
            return
        self._parts.refresh()
        self._show_notice(
            _format_highlight_notice(
                open_story,
                change,
                passage,
                self._parts.status_bar.keys,
                is_saved=self._parts.is_saving,
            )
        )

    def _find_sentence(self, open_story: OpenStory) -> Passage:
        """Return the sentence at the cursor; without a cursor, the first that begins on screen."""
        page, document = self._parts.page, open_story.document
        sentence = find_sentence_at(document, page.pointer.place)
        if sentence.start < page.pointer.place:  # it begins above the screen
            following = find_adjacent_sentence(document, page.pointer.place, 1)
            if following is not None and following.start < page.visible_range[1]:
                return following
        return sentence

    def edit_note(self) -> None:
        """Edit the note on the highlight at the cursor, or on the newest one on the screen.

        Selected text without a highlight is highlighted first.
        """
        open_story = self._parts.session.current
        highlight = self._find_highlight(open_story) if open_story is not None else None
        is_selected = self._parts.page.has_focus and self._parts.page.selection is not None
        if open_story is not None and highlight is None and is_selected:
            self.highlight()
            highlight = self._find_highlight(open_story)
            if highlight is None:
                return  # a notice says why
        if open_story is None or highlight is None:
            keys = self._parts.status_bar.keys
            text = "There is no highlight here"
            self._show_notice(keys.add_hints(text, (keys.highlight, "highlights a sentence")))
        else:
            annotation = highlight_to_annotation(highlight, open_story.story.title)
            self.open_editor(self._annotations.reload(annotation) or annotation)

    def _find_highlight(self, open_story: OpenStory) -> Highlight | None:
        """Return the newest highlight in the selection, else at the cursor, else on the screen."""
        page = self._parts.page
        if page.selection is not None:
            return open_story.highlights.find_newest_between(*page.selection)
        if page.decorations.paragraph is not None:
            place = page.pointer.place
            return open_story.highlights.find_newest_between(
                *widen_to_blocks(open_story.document, Passage(place, place))
            )
        return open_story.highlights.find_newest_between(*page.visible_range)

    def edit_response(self) -> None:
        """Edit the response to the selected story."""
        story = self._parts.selected_story
        if story is None:
            return
        if not story.is_persistent:
            self._show_notice(_PIPED_NOTICE)
        elif not story.is_readable:
            self._show_notice(f"{story.title}: {story.deck}")
        else:
            self.open_editor(self._annotations.get_response(story), story)

    def open_editor(
        self,
        annotation: Annotation,
        story: Story | None = None,
        show_result: Callable[[str], None] | None = None,
    ) -> None:
        """Open the editor for a note or a response.

        A response to a story that may never have been open needs its `story`. `show_result`
        gets the notice once the editor is closed; by default the status bar shows it.
        """
        from reader.ui.dialogs.editor import EditorDialog

        draft = self._annotations.open_draft(annotation, story)
        kind = "note" if annotation.highlight is not None else "response"

        def finish(discard_notice: str | None) -> None:
            notice = self._finish_draft(draft, kind) if discard_notice is None else discard_notice
            self._parts.refresh()
            (show_result or self._show_notice)(notice)

        def discard() -> str:
            change = self._annotations.discard_draft(draft)
            return _format_discard_notice(kind, change, self._parts.status_bar.keys)

        EditorDialog(draft, discard).open_over(self._parts.screen.app, finish)

    def _finish_draft(self, draft: AnnotationDraft, kind: str) -> str:
        """Save what was typed; return the notice."""
        try:
            change = self._annotations.finish_draft(draft)
        except StateError as error:
            return f"The {kind} will be saved as soon as possible: {error}"
        keys = self._parts.status_bar.keys
        return _format_edit_notice(kind, change, draft, keys, is_saved=self._parts.is_saving)

    def open_annotations(self) -> None:
        """Open the list of all highlights and responses; show the chosen one."""
        from reader.ui.dialogs.annotations import AnnotationActions, AnnotationsDialog

        actions = AnnotationActions(
            edit=lambda annotation, show: self.open_editor(annotation, show_result=show),
            delete=self._delete,
            undo=self._undo,
            copy=lambda text: self._copier.copy_text(text, "highlight"),
            find_path=self._find_path,
        )
        dialog = AnnotationsDialog(self._annotations, actions, self._parts.status_bar.keys)
        dialog.open_over(self._parts.screen.app, self._show_annotation)

    def _find_path(self, story_id: str) -> str:
        details, facts = self._annotations.get_story_details(story_id), self._parts.facts
        return find_path_end(str(details.path), facts.path_lengths) if details else ""

    def open_history(self) -> None:
        """Open the list of finished stories; show the chosen one."""
        from reader.ui.dialogs.history import HistoryDialog

        dialog = HistoryDialog(self._annotations.list_history())
        dialog.open_over(self._parts.screen.app, self._find_and_show)

    def _delete(self, annotation: Annotation) -> str:
        """Delete a highlight or a response; return the notice."""
        kind = "highlight" if annotation.highlight is not None else "response"
        try:
            self._annotations.delete(annotation)
        except StateError as error:
            return f"Can't delete the {kind} now: {error}"
        self._parts.refresh()
        text = f"Deleted the {kind}{format_unsaved(self._parts.is_saving)}"
        return self._parts.status_bar.keys.offer_undo(text)

    def _undo(self) -> tuple[str, AnnotationChange | None]:
        """Undo the last change; return the notice, and the change if it was an annotation's."""
        notice, change = self._read_status.undo()
        return notice, change if isinstance(change, AnnotationChange) else None

    def _show_annotation(self, annotation: Annotation | None) -> None:
        if annotation is not None:
            self._find_and_show(annotation.story_id, annotation.highlight)

    def _find_and_show(self, story_id: str | None, highlight: Highlight | None = None) -> None:
        """Show the story with that id, at `highlight` if there is one."""
        if story_id is None:
            return
        story = self._parts.session.catalog.find_by_id(story_id)
        details = self._annotations.get_story_details(story_id)
        path = story.path if story is not None else details.path if details is not None else None
        file = find_file(path) if path is not None else None
        if file is None:
            title = self._annotations.get_title(story_id)
            missing = sanitize_line(str(path or story_id), 2_000)
            self._show_notice(f"{title}: its file is missing: {missing}")
        elif story is not None:
            self._show_highlight(story, highlight)
        else:
            start_worker(self._parts.screen, "fetch", self._add_and_show, file, highlight)

    async def _add_and_show(self, file: File, highlight: Highlight | None) -> None:
        """Add a story from outside the folders of this run to the catalog, and show it."""
        stories = await run_in_thread(lambda: list(describe_files([file])))
        self._parts.session.add_stories(stories)
        self._show_highlight(stories[0][1], highlight)

    def _show_highlight(self, story: Story, highlight: Highlight | None) -> None:
        previous = self._parts.session.current
        is_open = previous is not None and previous.story.path == story.path
        if not is_open:
            self._parts.record_jump()
        self._parts.show_story(story, highlight)
        if highlight is not None:
            start_worker(
                self._parts.screen,
                "arrive",
                self._go_to_highlight,
                highlight,
                None if is_open else previous,
                is_open,
            )

    async def _go_to_highlight(
        self, highlight: Highlight, previous: OpenStory | None, is_open: bool
    ) -> None:
        """Wait until `highlight` is located; go there, and say if its text is no longer there.

        `previous` is the story that is open until the highlight's own story is. A story that
        has just been opened is shown at the highlight already.
        """
        session, page = self._parts.session, self._parts.page
        for _ in range(MAX_POLLS):
            open_story = session.current if session.current is not previous else None
            place = open_story.locate_highlight(highlight) if open_story is not None else None
            if open_story is None or place is None:
                await asyncio.sleep(POLL_SECONDS)
                continue
            if is_open:
                page.go_to(place)
            if highlight.id not in open_story.highlights.passages:
                self._show_notice("The highlighted text is gone from the story. It was here.")
            return

    def _show_notice(self, notice: str) -> None:
        self._parts.status_bar.show_notice(notice)


def _format_highlight_notice(
    open_story: OpenStory,
    change: AnnotationChange | None,
    passage: Passage,
    keys: NoticeKeys,
    *,
    is_saved: bool,
) -> str:
    """Return the notice for a new or changed highlight and what can be done with it."""
    if change is None:
        return keys.add_hints("Already highlighted", (keys.note, "adds a note"))
    paragraph = widen_to_blocks(open_story.document, passage)
    highlight = change.annotation.highlight
    is_paragraph = (
        highlight is not None and open_story.highlights.passages.get(highlight.id) == paragraph
    )
    is_sentence = passage == find_sentence_at(open_story.document, passage.start)
    kind = "paragraph" if is_paragraph else "sentence" if is_sentence else "selection"
    text = f"Highlighted the {kind}{format_unsaved(is_saved)}"
    toggle = (keys.highlight, "narrows it" if is_paragraph else "widens it")
    hints = [toggle] if passage != paragraph else []
    return keys.add_hints(text, *hints, (keys.note, "adds a note"), (keys.undo, "undoes it"))


def _format_edit_notice(
    kind: str,
    change: AnnotationChange | None,
    draft: AnnotationDraft,
    keys: NoticeKeys,
    *,
    is_saved: bool,
) -> str:
    if draft.is_merged and change is None:
        return f"Not deleted: another program has changed the {kind}."
    if draft.is_merged and is_saved:
        text = f"Saved the {kind} with what another program wrote"
        return keys.add_hints(text, (keys.undo, "removes yours"))
    if change is None:
        return f"The {kind} is unchanged."
    if change.after is None or not change.after.text:
        return keys.offer_undo(f"Deleted the {kind}{format_unsaved(is_saved)}")
    return keys.offer_undo(f"Saved the {kind}" if is_saved else f"The {kind} is {UNSAVED_MESSAGE}")


def _format_discard_notice(kind: str, change: AnnotationChange | None, keys: NoticeKeys) -> str:
    if change is None:
        return f"The {kind} is unchanged."
    result = f"brings it back into the {kind}"
    return keys.add_hints("Discarded what you typed", (keys.undo, result))
