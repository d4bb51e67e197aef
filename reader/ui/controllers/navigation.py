"""Jumps: contents, links, pictures, headings, the jump list and the next story."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Final

from reader.library.catalog import LinkKind, find_picture, resolve_link
from reader.render.story_frame import SKIPPED_TARGET
from reader.session.jumplist import JumpList, JumpPoint
from reader.text.cells import sanitize_line
from reader.text.links import find_section, list_sections
from reader.ui.controllers.desktop import can_open, open_externally
from reader.ui.dialogs.contents import ContentsDialog
from reader.ui.dialogs.help import ConfirmDialog, format_address_question, format_picture_question
from reader.ui.widgets.status_bar import NOTICE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reader.library.story import Story
    from reader.session.reading_list import Suggestion
    from reader.text.document import Place
    from reader.text.links import Link
    from reader.ui.screen import ReadingScreen
    from reader.ui.widgets.status_bar import StatusBar


class Navigation:
    """Takes the reader of a screen somewhere, and back."""

    def __init__(
        self, screen: ReadingScreen, show_story: Callable[[Story, Place | None], None]
    ) -> None:
        self._screen = screen
        self._show_story = show_story
        """Shows a story on the page, at a place or where reading stopped."""
        self._jump_list = JumpList()

    def record_jump(self, place: Place | None = None) -> None:
        """Remember `place`, or where the reader is, before a jump."""
        visit = self._screen.session.current
        if visit is not None:
            self._jump_list.push(JumpPoint(visit.story.path, place or self._screen.page.place))

    def jump(self, way: str) -> None:
        """Go back to where the last jump began, or forward again; or toggle between the two."""
        visit, page = self._screen.session.current, self._screen.page
        here = JumpPoint(visit.story.path, page.place) if visit is not None else None
        stop = getattr(self._jump_list, way)(here) if here is not None else None
        story = self._screen.session.catalog.get(stop.path) if stop is not None else None
        if here is None or stop is None or story is None:
            self._screen.status_bar.show_notice("There is no such place yet.")
        elif stop.path == here.path:
            page.return_to(stop.place)
        else:
            self._show_story(story, stop.place)

    def along(self, way: int) -> None:
        """Go on along the list the reader came by, or back: matches that are lit, else stories."""
        screen = self._screen
        if screen.page.has_focus and screen.page.decorations.search_results:
            screen.page.action_point("match", way)
            return
        way *= (screen.page if screen.page.has_focus else screen.shelf).count.consume()
        story = screen.session.find_neighbour(way)
        if story is None:
            end = "There is no story after this one." if way > 0 else "This is the first story."
            screen.status_bar.show_notice(end)
            return
        if screen.page.has_focus:
            self.record_jump()
        screen.status_bar.show_notice(screen.session.reading_order.format_destination(story))
        self._show_story(story, None)

    def contents(self) -> None:
        """Show the headings, and go to one."""
        self._screen.focus_page()
        page = self._screen.page
        found = list_sections(page.document)
        if not found:
            self._screen.status_bar.show_notice("This story has no headings.")
            return
        here = find_section(found, page.place)
        visit = self._screen.session.current
        contents = ContentsDialog(found, here, visit.pace) if visit else ContentsDialog(found, here)
        self._screen.app.push_screen(contents, self._go_to)

    def _go_to(self, place: Place | None) -> None:
        if place is not None:
            self._screen.page.go_to(place)

    def follow_link(self, link: Link) -> None:
        """Go where `link` leads: a note, a heading, another story; or out, after asking."""
        screen, visit = self._screen, self._screen.session.current
        if visit is None:
            return
        if link.is_footnote:
            if not screen.page.viewport.open_footnote(link):
                screen.status_bar.show_notice("That note is not read in yet.")
            screen.page.redraw()
            return
        if link.target == SKIPPED_TARGET and visit.find_skipped():
            screen.page.go_to(visit.find_skipped()[0][0])
            return
        if link.is_picture:
            self._ask_to_open_picture(link.target, visit.story)
            return
        aim = resolve_link(link.target, visit.story, visit.document, screen.session.catalog)
        if aim.kind is LinkKind.WEB:
            screen.app.push_screen(
                ConfirmDialog(format_address_question(aim.text)),
                partial(self._open_externally, aim.text),
            )
        elif aim.place is not None:
            screen.page.go_to(aim.place)
        elif aim.story is not None:
            self.record_jump()
            self._show_story(aim.story, None)
        else:
            screen.status_bar.show_notice(aim.text)

    def _ask_to_open_picture(self, target: str, story: Story) -> None:
        """Ask whether the picture that `target` names is to be opened, if there is such."""
        screen = self._screen
        path = find_picture(target, story, screen.session.catalog.folders)
        if path is None:
            screen.status_bar.show_notice(
                f"There is no such picture beside the story: {sanitize_line(target)}"
            )
        else:
            aim = str(path)
            screen.app.push_screen(
                ConfirmDialog(format_picture_question(aim)), partial(self._open_externally, aim)
            )

    def _open_externally(self, target: str, is_confirmed: bool | None) -> None:
        """Open an address or a file outside, or copy it where that would not be seen."""
        if is_confirmed and not (can_open() and open_externally(target)):
            self._screen.app.copy_to_clipboard(target)
            self._screen.status_bar.show_notice(f"Copied: {sanitize_line(target, 2_000)}")


KEY_REPEAT_SECONDS: Final = 0.4
"""Seconds. A key that comes again sooner is held, or struck by a skimmer: terminals repeat one
every thirtieth of a second, and nobody who has read which story comes next is as quick."""


class NextStoryPrompt:
    """The way from the end of one story to the next."""

    def __init__(
        self,
        status_bar: StatusBar,
        show_story: Callable[[Story], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._status_bar = status_bar
        self._show_story = show_story
        """Shows a story on the page, with a way back."""
        self._clock = clock
        self._last_press = self._last_prompt = float("-inf")
        """When the page was last turned at the end, and when it was said what comes next."""

    def reset(self) -> None:
        """Begin anew: the reader went elsewhere in the text."""
        self._last_press = self._last_prompt = float("-inf")

    def prompt_or_show(self, next_stories: Sequence[Suggestion], key: str) -> None:
        """Say which story comes next, and that `key` leads there; said already, go there."""
        now, before = self._clock(), self._last_press
        self._last_press = now
        if now - self._last_prompt > NOTICE_SECONDS or not next_stories:
            self._last_prompt = now
            self._status_bar.show_notice(format_prompt(next_stories, key))
        elif now - before >= KEY_REPEAT_SECONDS:
            self.reset()
            story, reason = next_stories[0].entry.story, next_stories[0].reason
            self._status_bar.show_notice(f"{story.title}: {reason}")
            self._show_story(story)


def format_prompt(next_stories: Sequence[Suggestion], key: str) -> str:
    """Return how it is said what comes after the end."""
    if not next_stories:
        return "There is no story left to read."
    return f"{key or 'The same key'} again reads {next_stories[0].entry.story.title}"
