"""Commands that change reading data: highlights, notes, responses, read status, undo."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from reader.errors import ReaderError, StateError
from reader.library.files import file_at
from reader.session.annotations import Deed, quoted
from reader.session.session import Change, described
from reader.text.cells import clean_line
from reader.text.places import Passage, blocks_round, sentence_beside, sentence_round
from reader.ui.widgets.status_bar import Status, taken_back, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from reader.library.files import File
    from reader.library.story import Story
    from reader.reading.annotations import Quote
    from reader.session.annotations import Added
    from reader.session.open_story import Visit
    from reader.session.session import Session
    from reader.text.document import Place
    from reader.ui.screen import ReadingScreen
    from reader.ui.widgets.shelf import Shelf


WAIT: Final = 0.05
"""Seconds between two looks at whether a story is open, or more of it parsed."""
PATIENCE: Final = 200
"""Such looks, ten seconds in all: a story that takes longer was left, or can't be read."""
_PIPED: Final = "Nothing is kept of a text that comes from a pipe."


class Margin:
    """The margins of the page of a screen."""

    def __init__(
        self, screen: ReadingScreen, read: Callable[[Story, Place | Quote | None], None]
    ) -> None:
        self._screen = screen
        self._read = read
        """Shows a story on the page, at a place, a quote, or where reading stopped."""
        self.marginalia = screen.session.marginalia

    # On the page -----------------------------------------------------------------------

    def keep(self) -> None:
        """Keep what is selected, or the sentence at the cursor; again: its paragraph, or back."""
        page, visit = self._screen.page, self._screen.session.visit
        if visit is None or not page.has_focus:
            self._tell("H keeps a sentence on the page: Enter goes there.")
            return
        if not visit.story.kept:
            self._tell(_PIPED)
            return
        passage = page.selection or self._sentence(visit)
        if passage.first >= passage.behind:
            self._tell("There is no sentence to keep.")
            return
        try:
            deed = self.marginalia.keep(passage, is_selected=page.selection is not None)
        except StateError as error:
            self._tell(f"Not kept: {error}")
            return
        self._changed()
        self._tell(_kept(visit, deed, passage))

    def _sentence(self, visit: Visit) -> Passage:
        """Return the sentence at the cursor; without one, the first that begins on the screen."""
        page, document = self._screen.page, visit.document
        here = sentence_round(document, page.pointer.place)
        if here.first < page.pointer.place:  # it begins above, where nobody sees it
            after = sentence_beside(document, page.pointer.place, 1)
            if after is not None and after.first < page.in_view[1]:
                return after
        return here

    def remark(self) -> None:
        """Write a remark on the quote at the cursor, else on the last one kept on the screen."""
        visit = self._screen.session.visit
        quote = self._here(visit) if visit is not None else None
        if visit is None or quote is None:
            self._tell("Nothing is kept here: H keeps a sentence.")
        else:
            on = quoted(quote, visit.story.title)
            self.edit(self.marginalia.now(on) or on)

    def _here(self, visit: Visit) -> Quote | None:
        page = self._screen.page
        if page.selection is not None:
            return visit.keeping.last_in(*page.selection)
        paragraph = page.lights.paragraph
        if paragraph is not None:
            place = page.pointer.place
            return visit.keeping.last_in(*blocks_round(visit.document, Passage(place, place)))
        return visit.keeping.last_in(*page.in_view)

    def respond(self) -> None:
        """Write a response to the story on the page, or to that under the cursor."""
        screen = self._screen
        visit = screen.session.visit
        story = visit.story if screen.page.has_focus and visit else screen.shelf.story
        if story is None:
            return
        if not story.kept or not story.readable:
            self._tell(_PIPED if not story.kept else f"{story.title}: {story.deck}")
            return
        self.edit(self.marginalia.response_to(story), story)

    # Writing ---------------------------------------------------------------------------

    def edit(
        self, on: Added, story: Story | None = None, then: Callable[[str], None] | None = None
    ) -> None:
        """Let the reader write on a quote or a story; `then` is told what is said about it."""
        from reader.ui.dialogs.editor import Editor

        draft = self.marginalia.write(on, story)

        def closed(_: None) -> None:
            kind = "remark" if on.quote is not None else "response"
            try:
                deed = self.marginalia.finish(draft)
                words = f"The {kind} stays as it was." if deed is None else _written(kind, deed)
            except StateError as error:
                words = f"The {kind} is written down as soon as that can be: {error}"
            self._changed()
            (then or self._tell)(words)

        self._screen.app.push_screen(Editor(draft), closed)

    def take_away(self, added: Added) -> str:
        """Take a quote or a response away; return what is said about it."""
        kind = "quote" if added.quote is not None else "response"
        try:
            self.marginalia.discard(added)
        except StateError as error:
            return f"The {kind} can't be taken away just now: {error}"
        self._changed()
        return f"Deleted the {kind}: U brings it back"

    def undo(self) -> tuple[str, Deed | None]:
        """Take back what was done last; return what is said about it, and what it was."""
        words, change = self._screen.marker.undo()
        self._changed()
        return words, change if isinstance(change, Deed) else None

    # All there is ----------------------------------------------------------------------

    def quotes(self) -> None:
        """Show every quote and response, and go to one."""
        from reader.ui.dialogs.annotations import Quotes

        self._screen.app.push_screen(Quotes(self), self._go_to)

    def history(self) -> None:
        """Show what was finished when, and go to a story."""
        from reader.ui.dialogs.annotations import History

        self._screen.app.push_screen(History(self.marginalia.history()), self._open)

    def copy(self, words: str) -> None:
        """Copy `words`, which are a quote's as Markdown."""
        self._screen.copier.hand_over(words, "quote")

    def _go_to(self, added: Added | None) -> None:
        if added is not None:
            self._open(added.story, added.quote)

    def _open(self, story: str | None, quote: Quote | None = None) -> None:
        """Go to the story with that id, and in it to where `quote` stands."""
        if story is None:
            return
        session = self._screen.session
        found = next((s for s in session.library.stories() if s.id == story), None)
        known = self.marginalia.known(story)
        path = found.path if found is not None else known.path if known is not None else None
        file = file_at(path) if path is not None else None
        if path is None or file is None:
            title = self.marginalia.title(story)
            self._tell(f"{title}: its file is gone: {clean_line(str(path or story), 2_000)}")
        elif found is not None:
            self._show(found, quote)
        else:
            self._screen.run_worker(self._fetch(file, quote), exclusive=True, group="fetch")

    async def _fetch(self, file: File, quote: Quote | None) -> None:
        """Take in a story that is in no folder of this run, and show it."""
        found = await asyncio.to_thread(lambda: list(described([file])))
        self._screen.session.learn(found)
        self._show(found[0][1], quote)

    def _show(self, story: Story, quote: Quote | None) -> None:
        visit = self._screen.session.visit
        is_open = visit is not None and visit.story.path == story.path
        if visit is not None and not is_open:
            self._screen.guide.leave()
        self._read(story, quote)
        if quote is not None:
            before = None if is_open else visit
            arriving = self._arrive(quote, before, is_open=is_open)
            self._screen.run_worker(arriving, exclusive=True, group="arrive")

    async def _arrive(self, quote: Quote, before: Visit | None, *, is_open: bool) -> None:
        """Wait until it is known where `quote` stands; be there, and say if its text is gone."""
        session, page = self._screen.session, self._screen.page
        for _ in range(PATIENCE):
            visit = session.visit
            place = visit.where(quote) if visit is not None and visit is not before else None
            if visit is not None and place is not None:
                if is_open:
                    page.go_to(place)
                if quote.id not in visit.keeping.passages:
                    self._tell("Its text is gone: this is where it stood.")
                return
            await asyncio.sleep(WAIT)

    def _changed(self) -> None:
        """Show what is kept and written now, on the page and below its text."""
        self._screen.refresh_ending()
        self._screen.page.redraw()

    def _tell(self, words: str) -> None:
        self._screen.status.tell(words)


def _kept(visit: Visit, deed: Deed | None, passage: Passage) -> str:
    """Return how it is said what was kept, and what can be done with it."""
    if deed is None:
        return "This is kept already: e adds a remark"
    wide = blocks_round(visit.document, passage)
    quote = deed.what.quote
    is_wide = quote is not None and visit.keeping.passages.get(quote.id) == wide
    is_sentence = passage == sentence_round(visit.document, passage.first)
    what = "paragraph" if is_wide else "sentence" if is_sentence else "selection"
    other = "" if passage == wide else "H narrows it, " if is_wide else "H widens it, "
    return f"Kept the {what}: {other}e adds a remark, U takes it back"


def _written(kind: str, deed: Deed) -> str:
    is_gone = not (deed.after.words if deed.after is not None else "")
    what = "is taken away" if is_gone else "is kept"
    return f"The {kind} {what}: U takes that back"


class Marker:
    """Sets the marks of a session's stories, and shows them."""

    def __init__(self, session: Session, shelf: Shelf, status: Status) -> None:
        self._session = session
        self._shelf = shelf
        self._status = status

    def tick(self) -> None:
        """Have what was read credited, and tell of a mark that reading has set."""
        change = self._session.tick()
        if change is not None:
            self._tell(change)

    def toggle(self, story: Story) -> None:
        """Mark `story` finished, or a finished one unread."""
        try:
            self._tell(self._session.toggle_mark(story))
        except ReaderError as error:
            self._refused(error)

    def undo(self) -> tuple[str, Change | Deed | None]:
        """Take back what was done last; return what is said about it, and what it was."""
        try:
            change = self._session.undo()
        except ReaderError as error:
            return self._refused(error), None
        if isinstance(change, Change):
            self._shelf.update_entry(self._session.entry(change.story))
        words = taken_back(change)
        self._status.tell(words)
        return words, change

    def _refused(self, error: ReaderError) -> str:
        words = f"That can't be written down just now: {error}"
        self._status.tell(words)
        return words

    def _tell(self, change: Change) -> None:
        self._shelf.update_entry(self._session.entry(change.story))
        self._status.tell(told(change))
