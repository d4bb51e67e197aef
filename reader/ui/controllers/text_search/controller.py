"""Search all texts: ask for what is typed, keep the index up to date, open what was found.

All work is done in a thread of its own, or in those of the app; the newest query goes first.
"""

from __future__ import annotations

import asyncio
import atexit
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from reader.errors import BadQuery, IndexBusy
from reader.finding.completion import NO_COMPLETION, list_completions
from reader.finding.text_search import (
    FoundStories,
    Progress,
    Request,
    TextSearch,
    describe_found,
)
from reader.fulltext.query import Field, parse_query
from reader.ui import run_in_thread, start_worker
from reader.ui.controllers.input_lines import Completions
from reader.ui.controllers.pacing import Pacer
from reader.ui.controllers.text_search.dialog import SearchActions, TextSearchDialog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from reader.finding.excerpts import Excerpt
    from reader.library.story import Story
    from reader.ui.controllers import ScreenParts
    from reader.ui.controllers.navigation import Navigation
    from reader.ui.widgets.search_bar import SearchBar

_Result = TypeVar("_Result")

BUSY_SECONDS: Final = 0.3
"""Seconds after which a query says that it takes a while; a scan begins so long after a key."""
KEY_REST_SECONDS: Final = 0.3
"""Seconds after a key in which no text is indexed."""
REFRESH_SECONDS: Final = 2.0
"""Seconds between two answers to the same query while the index grows."""
RETRY_SECONDS: Final = 2.0
"""Seconds until an index is tried again that another program is writing."""
LOOK_SECONDS: Final = 1.0
"""Seconds between two checks, while the dialog is open, whether stories have changed."""
POLL_SECONDS: Final = 0.02
MAX_POLLS: Final = 1_500
"""Looks whether a story is open: half a minute, for a large one on a slow disk."""
MIN_LINE_CHARACTERS: Final = 30
"""Characters of the line of a found story at least."""
MAX_NOTICE_CHARACTERS: Final = 40
"""Characters of a query in a notice."""


class TextSearchController:
    """Owns the search of all texts: its dialog, its engine, and what was found last."""

    def __init__(
        self,
        parts: ScreenParts,
        navigation: Navigation,
        ensure_search_bar: Callable[[], Awaitable[SearchBar]],
        count_rested_seconds: Callable[[], float],
    ) -> None:
        self._parts = parts
        self._ensure_search_bar = ensure_search_bar
        """Returns what marks words on the page."""
        self._count_rested_seconds = count_rested_seconds
        """Returns how long no key was pressed."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reader-words")
        self._search = TextSearch(parts.session.words_path, self._is_answer_unwanted)
        atexit.register(self._search.close)  # Python 3.13 warns of a database that is left open
        self._found = FoundStories()
        """What the dialog shows, or showed last."""
        self._followed = FoundStories()
        """What `]` goes on in: the stories of which one was opened."""
        self._dialog: TextSearchDialog | None = None
        self._wanted: Request | None = None
        """The query that is to be answered next."""
        self._is_answering = False
        self._is_updating = False
        self._is_scanning = False
        """A query reads all texts."""
        self._needed: dict[int, None] = {}
        """The numbers of stories whose lines are seen."""
        self._is_describing = False
        self._completions = Completions()
        self._opening: object = None
        """Stands for the found story that is being opened."""
        navigation.go_to_found = self.go_to_neighbour

    def _is_answer_unwanted(self) -> bool:
        return self._wanted is not None

    async def _run(self, function: Callable[..., _Result], *arguments: object) -> _Result:
        """Run a function in the thread of the engine."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(function, *arguments))

    def open(self) -> None:
        """Open the dialog, with the last query and the cursor where it was."""
        find_path = self._find_path
        actions = SearchActions(self._ask, self._complete, self._need_excerpt, find_path)
        self._dialog = dialog = TextSearchDialog(self._found, actions)
        dialog.open_over(self._parts.screen.app, self._close)
        self._start_update()

    def _find_path(self, story: Story) -> str:
        return self._parts.facts.find_path(story)

    def _close(self, number: int | None) -> None:
        """Remember what is shown, and open the story that was chosen."""
        if self._dialog is not None:
            self._found = self._dialog.found
        self._dialog, self._wanted, self._needed = None, None, {}
        if number is not None:
            self._followed = self._found
            self._open_found(number)

    def _ask(self, text: str) -> None:
        """Let the query that is typed be answered next; say what is wrong with it."""
        dialog = self._dialog
        if dialog is None:
            return
        try:
            query = parse_query(text, is_typing=True)
        except BadQuery as error:
            self._wanted = None
            dialog.show_problem(str(error))
            return
        session = self._parts.session
        needs_annotations = any(
            isinstance(condition, Field) and condition.name == "has" for condition, _ in query.terms
        )
        annotated = session.annotations.list_annotated() if needs_annotations else {}
        self._wanted = Request(text, query, session.shelf_list.entries, annotated)
        if not self._is_answering:
            self._is_answering = True
            start_worker(self._parts.screen, "search", self._answer)

    async def _answer(self) -> None:
        """Answer queries, the newest first, until none is left."""
        try:
            while (request := self._wanted) is not None:
                if self._is_scanning:
                    await asyncio.sleep(BUSY_SECONDS)
                    request = self._wanted or request
                self._wanted = None
                if request.query.terms:
                    await self._answer_one(request)
                else:
                    self._show(FoundStories(request.text))
        finally:
            self._is_answering = False

    async def _answer_one(self, request: Request) -> None:
        answer = asyncio.ensure_future(self._run(self._search.seek, request))
        done, _ = await asyncio.wait({answer}, timeout=BUSY_SECONDS)
        if not done and self._dialog is not None:
            self._dialog.show_busy()
        try:
            found = await answer
        except IndexBusy as error:
            if self._dialog is not None:
                self._dialog.show_problem(str(error))
            return
        if found is not None and self._wanted is None:
            self._show(found)

    def _show(self, found: FoundStories) -> None:
        """Show what was found, as a continuation if the query is the same."""
        if self._dialog is None:
            return
        found.follow(self._dialog.found)
        self._needed = {}
        self._dialog.show_found(found)

    def _need_excerpt(self, number: int) -> None:
        """Find the line of a story that is seen, after those above it."""
        self._needed[number] = None
        if not self._is_describing:
            self._is_describing = True
            start_worker(self._parts.screen, "excerpts", self._describe_needed)

    async def _describe_needed(self) -> None:
        """Find lines in a thread, as long as there are stories without one that are seen."""
        try:
            while self._needed and (dialog := self._dialog) is not None:
                found, number = dialog.found, next(iter(self._needed))
                del self._needed[number]
                if number in dialog.filter_list.visible_numbers and number < len(found.stories):
                    is_unwanted = partial(dialog.shows_other, found)
                    await self._describe(found, found.stories[number], is_unwanted)
                    dialog.filter_list.redraw_lines()
        finally:
            self._is_describing = False

    async def _describe(
        self,
        found: FoundStories,
        story: Story,
        is_unwanted: Callable[[], bool] = lambda: False,
    ) -> Excerpt:
        """Return the line of a story, which is found in a thread."""
        if story.path in found.excerpts:
            return found.excerpts[story.path]
        cache, dialog = self._parts.session.text_cache, self._dialog
        length = max(MIN_LINE_CHARACTERS, dialog.excerpt_cells if dialog is not None else 0)
        excerpt = await run_in_thread(
            describe_found, story, found.words, cache, length, is_unwanted
        )
        if not is_unwanted():
            found.excerpts[story.path] = excerpt
        return excerpt

    async def _complete(self, text: str) -> str:
        """Return `text` with its last word completed; say so if there is no way."""
        session = self._parts.session
        stories, own_tags = [*session.catalog.list_all()], session.labels.list_tags()
        find = partial(list_completions, stories=stories, own_tags=own_tags)
        completed = await self._completions.complete(text, find)
        if not completed and self._dialog is not None:
            self._dialog.filter_list.show_notice(NO_COMPLETION)
        return completed or text

    def update_in_background(self) -> bool:
        """Bring an index that is kept up to date; return False if it is being done already."""
        if self._is_updating:
            return False
        if self._parts.screen.is_attached:  # else the app is ending
            self._start_update()
        return True

    def _start_update(self) -> None:
        """Bring the index up to date in the background; a second call while it is does nothing."""
        if not self._is_updating:
            self._is_updating = True
            start_worker(self._parts.screen, "index", self._update_index)

    async def _update_index(self) -> None:
        """Index new and changed texts, a few at a time, and show how far that is.

        As long as the dialog is open, new and changed files follow once the shelf lists them.
        """
        shelf_list = self._parts.session.shelf_list
        try:
            if self._dialog is None:
                await self._rest()
                if not await self._is_kept():
                    return
            await self._run(self._search.forget_unreadable)
            looked_at, is_outdated = None, True
            while (is_outdated or self._dialog is not None) and not self._is_ending():
                has_changed = shelf_list.entries is not looked_at or self._search.has_lost_texts
                if is_outdated or has_changed:
                    if looked_at is not None and not is_outdated:
                        self._ask_again()
                    looked_at = shelf_list.entries
                    is_outdated = await self._update_once()
                if not is_outdated:
                    await asyncio.sleep(LOOK_SECONDS)
        finally:
            self._is_updating = False
            self._search.end_update()

    async def _is_kept(self) -> bool:
        """Return whether there is an index that is kept, and that can be used now."""
        try:
            return await self._run(self._search.is_kept)
        except IndexBusy:
            return False

    async def _update_once(self) -> bool:
        """Index the texts that are new or changed now; return whether there were any."""
        session = self._parts.session
        stories = [*session.catalog.list_all()]
        try:
            state = await self._run(self._search.describe_engine)
            self._is_scanning = await self._run(self._search.reads_all_texts)
            progress = await self._run(self._search.start_update, stories, session.watch.files.get)
            if progress.is_partial:
                await self._put_texts(progress)
                self._ask_again()
        except IndexBusy as error:
            self._show_state(str(error))
            await asyncio.sleep(RETRY_SECONDS)
            return True
        self._show_state(state)
        return progress.is_partial

    async def _put_texts(self, progress: Progress) -> None:
        """Put all texts of an update into the index, with rests. Raises `IndexBusy`."""
        pacer = Pacer(lambda: self._is_ending() or self._is_answer_unwanted(), self._parts.session)
        asked = time.monotonic()
        while progress.goes_on and not self._is_ending():
            if progress.is_partial:
                self._show_state(f"partial: {progress.done:,} of {progress.total:,} indexed")
            await self._rest()
            progress = await self._run(self._search.take_step, partial(self._must_rest, pacer))
            if time.monotonic() - asked > REFRESH_SECONDS:
                asked = time.monotonic()
                self._ask_again()

    def _must_rest(self, pacer: Pacer) -> bool:
        """Return whether a key was pressed or a query waits; called in the engine's thread."""
        return pacer.must_stop() or self._has_fresh_input

    @property
    def _has_fresh_input(self) -> bool:
        return self._count_rested_seconds() < KEY_REST_SECONDS

    async def _rest(self) -> None:
        """Wait until no key was pressed lately, and no query waits."""
        while self._has_fresh_input or self._is_answering:  # noqa: ASYNC110  it is a matter of time
            await asyncio.sleep(KEY_REST_SECONDS / 3)

    def _is_ending(self) -> bool:
        return not self._parts.screen.is_attached or self._parts.session.is_closed

    def _show_state(self, text: str) -> None:
        if self._dialog is not None:
            self._dialog.show_state(text)

    def _ask_again(self) -> None:
        """Answer the query of the dialog again, from more texts."""
        if self._dialog is not None and self._wanted is None:
            self._ask(self._dialog.filter_list.typed)

    def _open_found(self, number: int) -> None:
        """Open a found story where its words are, and mark them."""
        self._followed.cursor, self._opening = number, object()
        self._found.follow(self._followed)
        start_worker(self._parts.screen, "found", self._open_and_mark, number, self._opening)

    async def _open_and_mark(self, number: int, opening: object) -> None:
        found = self._followed
        try:
            story = found.stories[number]
            excerpt = await self._describe(found, story)
            if not await self._show_at(story, excerpt):
                return
            search_bar = await self._ensure_search_bar()
            search_bar.mark(found.find, excerpt.place)
            typed = found.text.strip()
            if len(typed) > MAX_NOTICE_CHARACTERS:
                typed = f"{typed[:MAX_NOTICE_CHARACTERS]}…"
            self._parts.status_bar.show_notice(
                f"Story {number + 1:,} of {found.total:,} with: {typed}"
            )
        finally:
            if self._opening is opening:  # else the next one is being opened already
                self._opening = None

    async def _show_at(self, story: Story, excerpt: Excerpt) -> bool:
        """Show a story at a place; return whether it could be opened."""
        session, page = self._parts.session, self._parts.page
        before = session.current
        if before is not None and before.story.path == story.path:
            self._parts.show_story(story, None)
            document, block = page.document, excerpt.place.block
            while block >= len(document.blocks) and not document.is_complete:  # noqa: ASYNC110  Textual has no such event
                await asyncio.sleep(POLL_SECONDS)
            page.go_to(excerpt.place)
            return True
        self._parts.record_jump()
        self._parts.show_story(story, excerpt.place)
        for _ in range(MAX_POLLS):
            current = session.current
            if current is not before and current is not None:
                return current.story.path == story.path
            await asyncio.sleep(POLL_SECONDS)
        return False

    def go_to_neighbour(self, step: int) -> bool:
        """Go to the found story so many further; return False if the page shows no found words.

        That is so once Esc has cleared them, or something else is searched for.
        """
        results = self._parts.page.decorations.search_results
        is_marked = results is not None and results.find is self._followed.find
        if not is_marked and self._opening is None:
            return False
        number = self._followed.cursor + step
        if 0 <= number < len(self._followed.stories):
            self._open_found(number)
        else:
            end = "last" if step > 0 else "first"
            self._parts.status_bar.show_notice(f"This is the {end} story that was found.")
        return True
