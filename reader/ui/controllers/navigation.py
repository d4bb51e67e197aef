"""Jumps: contents, links, pictures, the jump list and the next story."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from reader.errors import ReaderError
from reader.library.describing import describe_file
from reader.library.destinations import LinkKind, find_linked_file, find_picture, resolve_link
from reader.render.story_frame import SKIPPED_TARGET
from reader.session.jumplist import JumpPoint
from reader.text.cells import sanitize, sanitize_line
from reader.text.links import find_section
from reader.text.places import explain_missing, locate_address
from reader.ui import run_in_thread, start_worker
from reader.ui.controllers.desktop import can_open, open_externally
from reader.ui.dialogs.confirm import (
    ConfirmDialog,
    format_link_question,
    format_picture_question,
)
from reader.ui.dialogs.contents import Contents, ContentsDialog, list_contents
from reader.ui.widgets.status_bar import NOTICE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from reader.library.destinations import LinkDestination
    from reader.library.files import File
    from reader.library.story import Story
    from reader.session.open_story import OpenStory
    from reader.session.shelf.end_card import Suggestion
    from reader.text.document import Document, Place
    from reader.text.links import Link
    from reader.ui.controllers import ScreenParts
    from reader.ui.widgets.status_bar import StatusBar

POLL_SECONDS: Final = 0.1
"""Seconds between two checks whether the text is complete."""
MANY_HEADINGS: Final = 2_000
"""Headings that are not listed on the loop, since that takes longer than a frame."""
CONTENTS_SECONDS: Final = 0.5
"""Seconds between two updates of the contents while the text is parsed."""


class Navigation:
    """Moves the reader far, within the story or to another one, and back again."""

    def __init__(self, parts: ScreenParts, update_shelf: Callable[[], None]) -> None:
        self._parts = parts
        self._update_shelf = update_shelf
        """Lists the stories of the shelf again."""
        self.go_to_found: Callable[[int], bool] = lambda _: False
        """Goes so many stories on in those that a search of all texts has found, and returns true;
        false if the page shows none of them."""

    def go_back(self) -> None:
        """Go to where the last jump began."""
        self._go_to_point(self._parts.jump_list.back)

    def go_forward(self) -> None:
        """Go to where the last step back began."""
        self._go_to_point(self._parts.jump_list.forward)

    def toggle_place(self) -> None:
        """Go to the place before the last jump, so that doing it again leads back here."""
        self._go_to_point(self._parts.jump_list.toggle)

    def _go_to_point(self, take_point: Callable[[JumpPoint], JumpPoint | None]) -> None:
        """Go to the point that the jump list gives for the current one."""
        open_story, page = self._parts.session.current, self._parts.page
        here = JumpPoint(open_story.story.path, page.place) if open_story is not None else None
        point = take_point(here) if here is not None else None
        story = self._parts.session.catalog.get(point.path) if point is not None else None
        if here is None or point is None or story is None:
            self._show_notice("There is no place to go to.")
        elif point.path == here.path:
            page.return_to(point.place)
        else:
            self._parts.show_story(story, point.place)

    def go_to_neighbour(self, step: int) -> None:
        """Go to the next (1) or previous (-1) match while any is shown, else story.

        While the page shows words of a search of all texts, it is the next story that was found.

        A count that was typed multiplies the step.
        """
        page, session = self._parts.page, self._parts.session
        if page.has_focus and self.go_to_found(step * max(1, page.count.number)):
            page.count.consume()
            return
        if page.has_focus and page.decorations.search_results:
            (page.action_next_match if step > 0 else page.action_previous_match)()
            return
        step *= (page if page.has_focus else self._parts.shelf).count.consume()
        story = session.find_neighbour(step)
        if story is None:
            is_end = step > 0
            self._show_notice(
                "There is no story after this one." if is_end else "This is the first story."
            )
            return
        if page.has_focus:
            self._parts.record_jump()
        notice = session.reading_order.format_destination(
            story, self._parts.facts.name_story(story)
        )
        self._parts.show_story(story, None)
        self._show_notice(notice)

    def open_contents(self) -> None:
        """Open the list of headings; go to the chosen one."""
        document = self._parts.page.document
        if not document.heading_blocks:
            is_known = document.is_complete or self._parts.session.current is None
            self._show_notice("This story has no headings." if is_known else _NO_HEADING_YET)
        elif len(document.heading_blocks) > MANY_HEADINGS:
            start_worker(self._parts.screen, "contents", self._open_long_contents)
        else:
            self._open_contents(list_contents(document))

    async def _open_long_contents(self) -> None:
        """Open the contents once a worker has listed them, if the story is still open."""
        document = self._parts.page.document
        contents = await run_in_thread(list_contents, document)
        if document is self._parts.page.document and self._parts.screen.is_current:
            self._open_contents(contents)

    def _open_contents(self, contents: Contents) -> None:
        page, open_story = self._parts.page, self._parts.session.current
        current = find_section([*contents.sections], page.place)
        dialog = (
            ContentsDialog(contents, current, open_story.pace)
            if open_story
            else ContentsDialog(contents, current)
        )
        dialog.open_over(self._parts.screen.app, self._go_to)
        if not page.document.is_complete:
            start_worker(dialog, "contents", self._update_contents, dialog, page.document)

    async def _update_contents(self, dialog: ContentsDialog, document: Document) -> None:
        """Add headings to the contents as they are parsed."""
        is_complete = False
        while not is_complete:
            await asyncio.sleep(CONTENTS_SECONDS)
            is_complete = document.is_complete
            contents = await run_in_thread(list_contents, document)
            if not dialog.is_attached or document is not self._parts.page.document:
                return
            dialog.update_contents(contents)

    def _go_to(self, place: Place | None) -> None:
        if place is not None:
            self._parts.page.go_to(place, at_top=True)
            self._parts.status_bar.clear_notice()  # it would stand where the section is named

    def await_goal(self, open_story: OpenStory) -> None:
        """Go to the goal of the open story once it is parsed, unless the reader moves before."""
        start_worker(self._parts.screen, "goal", self._await_goal, open_story)

    async def _await_goal(self, open_story: OpenStory) -> None:
        page, session = self._parts.page, self._parts.session
        while (goal := open_story.goal) is not None and session.current is open_story:
            if not page.viewport.scroller.is_at_start:  # the move is about to be recorded
                open_story.goal = None
                return
            place = locate_address(page.document, goal)
            if place is None:
                await asyncio.sleep(POLL_SECONDS)
                continue
            open_story.set_place(place)
            page.return_to(place)
            self._parts.status_bar.clear_notice()
            if not goal.fingerprint and (text := explain_missing(page.document, goal.place)):
                self._show_notice(text)

    def follow_link(self, link: Link) -> None:
        """Go to a link's target: a footnote, a heading, a story; or leave after a question."""
        page, open_story = self._parts.page, self._parts.session.current
        if open_story is None:
            return
        if link.is_footnote:
            if not page.viewport.open_footnote(link):
                self._show_notice("This footnote is not loaded yet.")
            page.redraw()
        elif link.target == SKIPPED_TARGET and open_story.find_skipped():
            page.go_to(open_story.find_skipped()[0][0])
        elif link.is_picture:
            self._ask_to_open_picture(link.target, open_story.story)
        else:
            self._go_to_target(link.target, open_story)

    def _go_to_target(self, target: str, open_story: OpenStory) -> None:
        """Go where a link leads; in a large library, once a worker has found that."""
        session = self._parts.session
        if session.shelf_list.is_large:
            start_worker(self._parts.screen, "linked", self._find_target, target, open_story)
        else:
            stories = session.catalog.list_stories()
            self._open_destination(target, open_story, *_find(target, open_story, stories))

    async def _find_target(self, target: str, open_story: OpenStory) -> None:
        """Find in a worker where a link leads, and go there unless the reader has moved by then."""
        page, session = self._parts.page, self._parts.session
        place, stories = page.place, [*session.catalog.list_all()]
        found = await run_in_thread(_find, target, open_story, stories)
        if session.current is open_story and page.place == place:
            self._open_destination(target, open_story, *found)

    def _open_destination(
        self,
        target: str,
        open_story: OpenStory,
        destination: LinkDestination,
        linked: tuple[File, str] | None,
    ) -> None:
        """Go to the place or the story that was found; ask before opening a web address."""
        page = self._parts.page
        if destination.kind is LinkKind.WEB:
            question = format_link_question(destination.text, destination.host)
            self._ask_to_open(question, destination.text)
        elif destination.place is not None:
            page.go_to(destination.place)
        elif destination.story is not None:
            self._parts.record_jump()
            self._parts.show_story(destination.story, destination.heading or None)
        elif linked is not None:
            start_worker(self._parts.screen, "linked", self._show_file, *linked, open_story)
        elif not open_story.document.is_complete and "#" in target:
            self._show_notice("Looking for that heading: the text is still being read.")
            start_worker(self._parts.screen, "linked", self._follow_later, target, open_story)
        else:
            self._show_notice(destination.text)

    async def _follow_later(self, target: str, open_story: OpenStory) -> None:
        """Follow a link once the text is complete, unless the reader has moved by then."""
        page, session = self._parts.page, self._parts.session
        place = page.place
        is_loading = True
        while is_loading:
            await asyncio.sleep(POLL_SECONDS)
            is_loading = session.current is open_story and not open_story.document.is_complete
        if session.current is open_story and page.place == place:
            self._go_to_target(target, open_story)

    async def _show_file(self, file: File, heading: str, open_story: OpenStory) -> None:
        """Add the story of a file to the catalog and show it, unless `open_story` was left."""
        session = self._parts.session
        try:
            story = await run_in_thread(describe_file, file)
        except ReaderError as error:
            self._show_notice(str(error))
            return
        session.add_stories([(file, story)])
        self._update_shelf()
        if session.current is open_story:
            self._parts.record_jump()
            self._parts.show_story(story, heading or None)

    def _ask_to_open_picture(self, target: str, story: Story) -> None:
        """Ask whether to open the picture file that `target` names, if there is one."""
        path = find_picture(target, story, self._parts.session.catalog.folders)
        if path is None:
            self._show_notice(f"The picture's file is missing: {sanitize_line(target)}")
        elif not _is_shown_exactly(str(path)):
            self._show_notice(
                f"{sanitize_line(str(path))}: this name can't be shown exactly, so it is not opened"
            )
        else:
            self._ask_to_open(format_picture_question(str(path)), str(path))

    def _ask_to_open(self, question: str, target: str) -> None:
        dialog = ConfirmDialog(question)
        dialog.open_over(self._parts.screen.app, partial(self._open_externally, target))

    def _open_externally(self, target: str, is_confirmed: bool | None) -> None:
        """Open a web address or a file outside the program; copy it if that is not possible."""
        if is_confirmed and not (can_open() and open_externally(target)):
            self._parts.screen.app.copy_to_clipboard(target)
            self._show_notice(f"Copied: {sanitize_line(target, 2_000)}")

    def _show_notice(self, notice: str) -> None:
        self._parts.status_bar.show_notice(notice)


def _find(
    target: str, open_story: OpenStory, stories: Collection[Story]
) -> tuple[LinkDestination, tuple[File, str] | None]:
    """Return where a link leads, and if that is nowhere, the file beside the story that it names."""
    destination = resolve_link(target, open_story.story, open_story.document, stories)
    is_broken = destination.kind is LinkKind.BROKEN
    return destination, find_linked_file(target, open_story.story) if is_broken else None


_NO_HEADING_YET: Final = "There is no heading so far: the text is still being read."


def _is_shown_exactly(name: str) -> bool:
    """Return whether the question can show `name` as it is: what it shows is what is opened."""
    return sanitize(name) == name and "\n" not in name and "\t" not in name


KEY_REPEAT_SECONDS: Final = 0.4
"""Seconds between two presses below which the key is held down, or pressed without reading.

Terminals repeat a held key about every thirtieth of a second; reading the name of the next story
takes longer than this.
"""


class NextStoryPrompt:
    """Names the next story at the end of one, and shows it when the key is pressed again."""

    def __init__(
        self,
        status_bar: StatusBar,
        show_story: Callable[[Story], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._status_bar = status_bar
        self._show_story = show_story
        """Shows a story on the page after recording a jump."""
        self._clock = clock
        self._last_press = self._last_prompt = float("-inf")
        """When a key was last pressed at the end, and when the next story was last named."""

    def reset(self) -> None:
        """Forget the presses: the reader went elsewhere in the text."""
        self._last_press = self._last_prompt = float("-inf")

    def prompt_or_show(self, next_stories: Sequence[Suggestion], key: str) -> None:
        """Name the next story and the `key` that opens it; if it was just named, show it."""
        now, last_press = self._clock(), self._last_press
        self._last_press = now
        if now - self._last_prompt > NOTICE_SECONDS or not next_stories:
            self._last_prompt = now
            self._status_bar.show_notice(format_prompt(next_stories, key))
        elif now - last_press >= KEY_REPEAT_SECONDS:
            self.reset()
            first = next_stories[0]
            self._show_story(first.entry.story)
            self._status_bar.show_notice(f"{first.name}: {first.reason}")


def format_prompt(next_stories: Sequence[Suggestion], key: str) -> str:
    """Return the notice at the end of a story: which one is next and the key that opens it."""
    if not next_stories:
        return "There is no story left to read."
    return f"{key or 'The same key'} again opens {next_stories[0].name}"
