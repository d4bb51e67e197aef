"""Commands that change reading data: highlights, notes, responses, read status, undo."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from reader.errors import ReaderError, StateError
from reader.library.files import find_file
from reader.session.annotations import AnnotationChange, highlight_to_annotation
from reader.session.session import StatusChange, describe_files
from reader.text.cells import sanitize_line
from reader.text.places import Passage, blocks_around, find_adjacent_sentence, sentence_around
from reader.ui.widgets.status_bar import StatusBar, format_change, format_undo

if TYPE_CHECKING:
    from collections.abc import Callable

    from reader.library.files import File
    from reader.library.story import Story
    from reader.reading.annotations import Highlight
    from reader.session.annotations import Annotation
    from reader.session.open_story import OpenStory
    from reader.session.session import Session
    from reader.text.document import Place
    from reader.ui.screen import ReadingScreen
    from reader.ui.widgets.shelf import Shelf


POLL_SECONDS: Final = 0.05
"""Seconds between two looks at whether a story is open, or more of it parsed."""
MAX_POLLS: Final = 200
"""Such looks, ten seconds in all: a story that takes longer was left, or can't be read."""
_PIPED_NOTICE: Final = "Nothing is kept of a text that comes from a pipe."


class AnnotationController:
    """The margins of the page of a screen."""

    def __init__(
        self, screen: ReadingScreen, show_story: Callable[[Story, Place | Highlight | None], None]
    ) -> None:
        self._screen = screen
        self._show_story = show_story
        """Shows a story on the page, at a place, a quote, or where reading stopped."""
        self.annotations = screen.session.annotations

    # On the page -----------------------------------------------------------------------

    def keep(self) -> None:
        """Keep what is selected, or the sentence at the cursor; again: its paragraph, or back."""
        page, visit = self._screen.page, self._screen.session.current
        if visit is None or not page.has_focus:
            self._show_notice("H keeps a sentence on the page: Enter goes there.")
            return
        if not visit.story.is_persistent:
            self._show_notice(_PIPED_NOTICE)
            return
        passage = page.selection or self._find_sentence(visit)
        if passage.start >= passage.end:
            self._show_notice("There is no sentence to keep.")
            return
        try:
            deed = self.annotations.highlight_passage(
                passage, is_selected=page.selection is not None
            )
        except StateError as error:
            self._show_notice(f"Not kept: {error}")
            return
        self._refresh_page()
        self._show_notice(_format_highlight_notice(visit, deed, passage))

    def _find_sentence(self, open_story: OpenStory) -> Passage:
        """Return the sentence at the cursor; without one, the first that begins on the screen."""
        page, document = self._screen.page, open_story.document
        here = sentence_around(document, page.pointer.place)
        if here.start < page.pointer.place:  # it begins above, where nobody sees it
            after = find_adjacent_sentence(document, page.pointer.place, 1)
            if after is not None and after.start < page.visible_range[1]:
                return after
        return here

    def remark(self) -> None:
        """Write a remark on the quote at the cursor, else on the last one kept on the screen."""
        visit = self._screen.session.current
        quote = self._find_highlight(visit) if visit is not None else None
        if visit is None or quote is None:
            self._show_notice("Nothing is kept here: H keeps a sentence.")
        else:
            on = highlight_to_annotation(quote, visit.story.title)
            self.open_editor(self.annotations.reload(on) or on)

    def _find_highlight(self, open_story: OpenStory) -> Highlight | None:
        page = self._screen.page
        if page.selection is not None:
            return open_story.highlights.find_newest_between(*page.selection)
        paragraph = page.decorations.paragraph
        if paragraph is not None:
            place = page.pointer.place
            return open_story.highlights.find_newest_between(
                *blocks_around(open_story.document, Passage(place, place))
            )
        return open_story.highlights.find_newest_between(*page.visible_range)

    def respond(self) -> None:
        """Write a response to the story on the page, or to that under the cursor."""
        screen = self._screen
        visit = screen.session.current
        story = visit.story if screen.page.has_focus and visit else screen.shelf.story
        if story is None:
            return
        if not story.is_persistent or not story.is_readable:
            self._show_notice(
                _PIPED_NOTICE if not story.is_persistent else f"{story.title}: {story.deck}"
            )
            return
        self.open_editor(self.annotations.get_response(story), story)

    # Writing ---------------------------------------------------------------------------

    def open_editor(
        self,
        annotation: Annotation,
        story: Story | None = None,
        show_result: Callable[[str], None] | None = None,
    ) -> None:
        """Let the reader write on a quote or a story; `then` is told what is said about it."""
        from reader.ui.dialogs.editor import EditorDialog

        draft = self.annotations.open_draft(annotation, story)

        def closed(_: None) -> None:
            kind = "remark" if annotation.highlight is not None else "response"
            try:
                deed = self.annotations.finish_draft(draft)
                words = (
                    f"The {kind} stays as it was."
                    if deed is None
                    else _format_edit_notice(kind, deed)
                )
            except StateError as error:
                words = f"The {kind} is written down as soon as that can be: {error}"
            self._refresh_page()
            (show_result or self._show_notice)(words)

        self._screen.app.push_screen(EditorDialog(draft), closed)

    def delete(self, annotation: Annotation) -> str:
        """Take a quote or a response away; return what is said about it."""
        kind = "quote" if annotation.highlight is not None else "response"
        try:
            self.annotations.delete(annotation)
        except StateError as error:
            return f"The {kind} can't be taken away just now: {error}"
        self._refresh_page()
        return f"Deleted the {kind}: U brings it back"

    def undo(self) -> tuple[str, AnnotationChange | None]:
        """Take back what was done last; return what is said about it, and what it was."""
        words, change = self._screen.read_status_controller.undo()
        self._refresh_page()
        return words, change if isinstance(change, AnnotationChange) else None

    # All there is ----------------------------------------------------------------------

    def quotes(self) -> None:
        """Show every quote and response, and go to one."""
        from reader.ui.dialogs.annotations import AnnotationsDialog

        self._screen.app.push_screen(AnnotationsDialog(self), self._show_annotation)

    def history(self) -> None:
        """Show what was finished when, and go to a story."""
        from reader.ui.dialogs.annotations import HistoryDialog

        self._screen.app.push_screen(
            HistoryDialog(self.annotations.list_history()), self._find_and_show
        )

    def copy_markdown(self, words: str) -> None:
        """Copy `words`, which are a quote's as Markdown."""
        self._screen.copier.copy_text(words, "quote")

    def _show_annotation(self, annotation: Annotation | None) -> None:
        if annotation is not None:
            self._find_and_show(annotation.story_id, annotation.highlight)

    def _find_and_show(self, story_id: str | None, highlight: Highlight | None = None) -> None:
        """Go to the story with that id, and in it to where `quote` stands."""
        if story_id is None:
            return
        session = self._screen.session
        found = next((s for s in session.catalog.list_stories() if s.id == story_id), None)
        known = self.annotations.get_story_details(story_id)
        path = found.path if found is not None else known.path if known is not None else None
        file = find_file(path) if path is not None else None
        if path is None or file is None:
            title = self.annotations.get_title(story_id)
            self._show_notice(
                f"{title}: its file is gone: {sanitize_line(str(path or story_id), 2_000)}"
            )
        elif found is not None:
            self._show_highlight(found, highlight)
        else:
            self._screen.run_worker(
                self._add_and_show(file, highlight), exclusive=True, group="fetch"
            )

    async def _add_and_show(self, file: File, highlight: Highlight | None) -> None:
        """Take in a story that is in no folder of this run, and show it."""
        found = await asyncio.to_thread(lambda: list(describe_files([file])))
        self._screen.session.add_stories(found)
        self._show_highlight(found[0][1], highlight)

    def _show_highlight(self, story: Story, highlight: Highlight | None) -> None:
        visit = self._screen.session.current
        is_open = visit is not None and visit.story.path == story.path
        if visit is not None and not is_open:
            self._screen.guide.record_jump()
        self._show_story(story, highlight)
        if highlight is not None:
            before = None if is_open else visit
            arriving = self._go_to_highlight(highlight, before, is_open=is_open)
            self._screen.run_worker(arriving, exclusive=True, group="arrive")

    async def _go_to_highlight(
        self, highlight: Highlight, before: OpenStory | None, *, is_open: bool
    ) -> None:
        """Wait until it is known where `quote` stands; be there, and say if its text is gone."""
        session, page = self._screen.session, self._screen.page
        for _ in range(MAX_POLLS):
            visit = session.current
            place = (
                visit.locate_highlight(highlight)
                if visit is not None and visit is not before
                else None
            )
            if visit is not None and place is not None:
                if is_open:
                    page.go_to(place)
                if highlight.id not in visit.highlights.passages:
                    self._show_notice("Its text is gone: this is where it stood.")
                return
            await asyncio.sleep(POLL_SECONDS)

    def _refresh_page(self) -> None:
        """Show what is kept and written now, on the page and below its text."""
        self._screen.refresh_end_card()
        self._screen.page.redraw()

    def _show_notice(self, words: str) -> None:
        self._screen.status_bar.show_notice(words)


def _format_highlight_notice(
    open_story: OpenStory, change: AnnotationChange | None, passage: Passage
) -> str:
    """Return how it is said what was kept, and what can be done with it."""
    if change is None:
        return "This is kept already: e adds a remark"
    wide = blocks_around(open_story.document, passage)
    quote = change.annotation.highlight
    is_wide = quote is not None and open_story.highlights.passages.get(quote.id) == wide
    is_sentence = passage == sentence_around(open_story.document, passage.start)
    what = "paragraph" if is_wide else "sentence" if is_sentence else "selection"
    other = "" if passage == wide else "H narrows it, " if is_wide else "H widens it, "
    return f"Kept the {what}: {other}e adds a remark, U takes it back"


def _format_edit_notice(kind: str, change: AnnotationChange) -> str:
    is_gone = not (change.after.text if change.after is not None else "")
    what = "is taken away" if is_gone else "is kept"
    return f"The {kind} {what}: U takes that back"


class ReadStatusController:
    """Sets the marks of a session's stories, and shows them."""

    def __init__(self, session: Session, shelf: Shelf, status_bar: StatusBar) -> None:
        self._session = session
        self._shelf = shelf
        self._status_bar = status_bar

    def tick(self) -> None:
        """Have what was read credited, and tell of a mark that reading has set."""
        change = self._session.tick()
        if change is not None:
            self._show_change(change)

    def toggle(self, story: Story) -> None:
        """Mark `story` finished, or a finished one unread."""
        try:
            self._show_change(self._session.toggle_status(story))
        except ReaderError as error:
            self._show_error(error)

    def undo(self) -> tuple[str, StatusChange | AnnotationChange | None]:
        """Take back what was done last; return what is said about it, and what it was."""
        try:
            change = self._session.undo()
        except ReaderError as error:
            return self._show_error(error), None
        if isinstance(change, StatusChange):
            self._shelf.update_entry(self._session.get_entry(change.story))
        words = format_undo(change)
        self._status_bar.show_notice(words)
        return words, change

    def _show_error(self, error: ReaderError) -> str:
        words = f"That can't be written down just now: {error}"
        self._status_bar.show_notice(words)
        return words

    def _show_change(self, change: StatusChange) -> None:
        self._shelf.update_entry(self._session.get_entry(change.story))
        self._status_bar.show_notice(format_change(change))
