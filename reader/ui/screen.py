"""The main screen: shelf, page and status bar, and the wiring between them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.screen import Screen

from reader.ui.commands import SCREEN, format_first_key, make_bindings
from reader.ui.controllers.annotations import ReadStatusController
from reader.ui.controllers.loader import Loader
from reader.ui.controllers.navigation import NextStoryPrompt
from reader.ui.dialogs.help import HelpDialog
from reader.ui.page.page import (
    EndReached,
    FocusChanged,
    LinkFollowed,
    MeasureChanged,
    Page,
    PageJumped,
    PageMoved,
    PageNotice,
    ShelfRequested,
)
from reader.ui.widgets.panes import MIN_SIDE_BY_SIDE_COLUMNS, Panes
from reader.ui.widgets.shelf import Shelf
from reader.ui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.geometry import Offset

    from reader.library.files import File
    from reader.library.story import Story
    from reader.reading.annotations import Highlight
    from reader.session.session import Session
    from reader.text.document import Place
    from reader.ui.controllers.annotations import AnnotationController
    from reader.ui.controllers.desktop import Copier
    from reader.ui.controllers.navigation import Navigation
    from reader.ui.widgets.search_bar import SearchBar


TICK_SECONDS: Final = 0.5
"""Seconds between two looks at what was read, and so between two writes."""
PRELOAD_DELAY_SECONDS: Final = 0.3
"""Seconds after the first screen in which what is asked for first is made ready."""


class ReadingScreen(Screen[None]):
    """Shelf and page."""

    BINDINGS: ClassVar[list[BindingType]] = make_bindings(SCREEN)
    AUTO_FOCUS = None

    def __init__(
        self,
        session: Session,
        pending_files: Sequence[File],
        keymap: Mapping[str, str],
        *,
        is_on_page: bool,
    ) -> None:
        super().__init__()
        self.session = session
        self.shelf = Shelf()
        self.page = Page()
        self.panes = Panes(self.shelf, self.page, is_on_page=is_on_page)
        self.status_bar = StatusBar()
        self.search_bar: SearchBar | None = None
        self._has_backtick = False
        """One backtick was typed; a second one goes to the place before."""
        self._loader = Loader(self, session, self.page, keymap, self._update_after_show)
        self._next_story_prompt = NextStoryPrompt(self.status_bar, self._show_next_story)
        self.read_status_controller = ReadStatusController(session, self.shelf, self.status_bar)
        self._pending_files = pending_files
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        """Lay out the shelf beside the page, and the status line below."""
        yield self.panes
        yield self.status_bar

    def on_mount(self) -> None:
        """Show the first screen: the story asked for, or the shelf and the story on top."""
        self.panes.fit_terminal(self.app.size)
        self._update_shelf()
        visit = self.session.current
        if visit is not None:
            self.shelf.set_cursor(visit.story.path)
            self._loader.show_story(visit)
            self.session.record_open_story(visit.story)
        elif self.shelf.story is not None:
            self._loader.load(self.shelf.story)
        (self.page if self.panes.is_on_page else self.shelf).focus()
        self.set_interval(TICK_SECONDS, self._tick)
        self.set_timer(
            PRELOAD_DELAY_SECONDS, self._ensure_search_bar
        )  # or what is typed behind the slash would be keys
        if self._pending_files:
            self._loader.describe_files(self._pending_files, self._add_stories)

    @cached_property
    def guide(self) -> Navigation:
        """What takes the reader far; the first screen needs none of it."""
        from reader.ui.controllers.navigation import Navigation

        return Navigation(self, self._show_story)

    @property
    def terminal_cursor(self) -> Offset | None:
        """Where the terminal's cursor stands, or None where a line to type in says so."""
        panes = (self.page, self.shelf)
        return next((pane.terminal_cursor for pane in panes if pane.has_focus), None)

    # The shelf -------------------------------------------------------------------------

    def _update_shelf(self) -> None:
        """Put every story in its group; what next and previous walk along is that list."""
        entries = self.session.list_entries()
        self.session.shelf_order = [entry.story for entry in entries]
        visit = self.session.current
        self.shelf.set_entries(
            entries, visit.story.path if visit and self._has_chosen_story else None
        )

    @property
    def _has_chosen_story(self) -> bool:
        """The reader has gone to a story; until then the cursor is on the first, whichever it is."""
        return self.panes.is_on_page or self.page.has_focus or self.shelf.is_cursor_set

    @on(Shelf.CursorMoved)
    def _preview_story(self, message: Shelf.CursorMoved) -> None:
        self._loader.schedule_load(message.story)

    @on(Shelf.Chosen)
    def _show_chosen_story(self, message: Shelf.Chosen) -> None:
        self._show_story(message.story)

    def _show_story(self, story: Story, goal: Place | Highlight | None = None) -> None:
        """Go to the page, with `story` on it; at a place or quote, else where reading stopped."""
        self.shelf.set_cursor(story.path)
        self._loader.load(story, goal)
        self.session.record_open_story(story)
        self.panes.show_page()
        self.page.focus()

    @on(ShelfRequested)
    def _show_shelf(self) -> None:
        """Show the shelf beside the page again, or go back to it, arranged anew."""
        if self.panes.is_page_alone and self.size.width >= MIN_SIDE_BY_SIDE_COLUMNS:
            self.action_page_alone()
            return
        self.session.record_open_story(None)
        self.session.pause_tracking()
        self._update_shelf()
        self.panes.show_shelf()
        self.shelf.focus()

    def _add_stories(self, stories: list[tuple[File, Story]]) -> None:
        """Show stories that a worker described."""
        self.session.add_stories(stories)
        top = self.shelf.story
        self._update_shelf()
        if self.shelf.story is not None and self.shelf.story != top:
            self._loader.load(self.shelf.story)

    # The page --------------------------------------------------------------------------

    def _update_after_show(self) -> None:
        """Take note that the page shows another story."""
        visit = self.session.current
        if visit is not None:
            self.app.title = visit.story.title
            if self.page.has_focus:
                self.session.resume_tracking()
        self._update_status_bar()

    @on(PageMoved)
    def _update_position(self, message: PageMoved) -> None:
        if message.by_reader:
            self._next_story_prompt.reset()
        if message.by_reader and self.page.has_focus:
            self._loader.pause_parsing()
            self.session.record_move(self.page.place)
        if self.session.current is not None:
            self.session.record_view(*self.page.visible_range)
        if message.by_reader:
            self._update_status_bar()
            self.page.refresh()  # here and not sooner: text and status line are one frame
        else:
            self.call_after_refresh(self._update_status_bar)  # the column may just have moved

    @on(EndReached)
    def _offer_next_story(self) -> None:
        self._next_story_prompt.prompt_or_show(
            self._loader.end_card.suggestions, format_first_key("page-down", self._keymap)
        )

    def _show_next_story(self, story: Story) -> None:
        self.guide.record_jump()
        self._show_story(story)

    def refresh_end_card(self) -> None:
        """Show anew what stands below the text: a quote or a response is new, or gone."""
        self._loader.refresh_end_card()

    @on(PageJumped)
    def _record_jump(self, message: PageJumped) -> None:
        self.guide.record_jump(message.place)

    @on(PageNotice)
    def _show_notice(self, message: PageNotice) -> None:
        self.status_bar.show_notice(message.text)

    @on(LinkFollowed)
    def _follow_link(self, message: LinkFollowed) -> None:
        self.guide.follow_link(message.link)

    def on_search_bar_closed(self) -> None:
        """Go back from the search line to the page."""
        self.status_bar.display = True
        self.page.focus()

    @on(FocusChanged)
    @on(events.AppFocus)
    @on(events.ScreenResume)
    def update_tracking(self) -> None:
        """Count as read what the page shows, while it and this window have the focus."""
        heeded = self.page.has_focus and self.is_current and self.app.app_focus
        if heeded and self.session.current is not None:
            self.session.record_move(self.page.place)
            self.session.resume_tracking()
        else:
            self.session.pause_tracking()

    @on(MeasureChanged)
    def _save_measure(self, message: MeasureChanged) -> None:
        self.session.save_choice("measure", str(message.measure or ""))

    @on(events.AppBlur)
    @on(events.ScreenSuspend)
    def _stop_tracking(self) -> None:
        """Count nothing under an overlay, or while another window has the keys."""
        self.session.pause_tracking()

    def _tick(self) -> None:
        self.read_status_controller.tick()
        self._loader.check_end_card()
        if self.session.current is not None and self.page.has_focus:
            self.shelf.update_entry(self.session.get_entry(self.session.current.story))
        if not self.status_bar.has_notice and (notice := self.session.next_notice()) is not None:
            self.status_bar.show_notice(notice)
        self._update_status_bar()

    # The way there and back ------------------------------------------------------------

    async def action_find(self) -> None:
        """Open the line to type words in."""
        self.focus_page()
        self.status_bar.display = False
        (await self._ensure_search_bar()).open()

    async def _ensure_search_bar(self) -> SearchBar:
        """Return the line to type words in, made once; the first screen needs none of it."""
        if self.search_bar is None:
            from reader.ui.widgets.search_bar import SearchBar

            self.search_bar = SearchBar(self.page)
            # unlike `mount`, this raises nothing once the app ends
            await self.mount_all([self.search_bar], before=self.status_bar)
        return self.search_bar

    def focus_page(self) -> None:
        """Have the page read, with the story under the shelf's cursor if it isn't."""
        if not self.page.has_focus and self.shelf.story is not None:
            self._show_story(self.shelf.story)

    def action_jump(self, way: str) -> None:
        """Go back to where the last jump began, or forward again; or toggle between the two."""
        if way == "toggle":
            self._has_backtick = not self._has_backtick
            if self._has_backtick:
                return  # the first of two backticks
        self.guide.jump(way)

    @cached_property
    def copier(self) -> Copier:
        """What copies; the first screen needs none of it."""
        from reader.ui.controllers.desktop import Copier

        return Copier(self)

    @cached_property
    def margin(self) -> AnnotationController:
        """What keeps and writes; the first screen needs none of it."""
        from reader.ui.controllers.annotations import AnnotationController

        return AnnotationController(self, self._show_story)

    def action_ask(self, whom: str, what: str, *values: object) -> None:
        """Have the guide, the copier or the margin do something."""
        getattr(getattr(self, whom), what)(*values)

    def on_key(self, event: events.Key) -> None:
        """Forget a backtick that something else follows."""
        if event.key != "grave_accent":
            self._has_backtick = False

    # What can be asked for -------------------------------------------------------------

    def action_toggle_mark(self) -> None:
        """Mark the story on the page, or under the cursor, finished or unread."""
        visit = self.session.current
        story = visit.story if self.page.has_focus and visit else self.shelf.story
        if story is not None:
            self.read_status_controller.toggle(story)
            self.refresh_end_card()

    def action_undo(self) -> None:
        """Take back what was done last."""
        self.read_status_controller.undo()
        self.refresh_end_card()
        self.page.redraw()

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(HelpDialog(self._keymap))

    def action_page_alone(self) -> None:
        """Show the page alone, or with the shelf again."""
        self.panes.toggle_page_alone()
        if self.panes.is_page_alone and not self.page.has_focus:
            self.session.record_open_story(
                self.session.current.story if self.session.current else None
            )
            self.panes.show_page()
            self.page.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Show both panes where there is room."""
        self.panes.fit_terminal(event.size)

    def _update_status_bar(self) -> None:
        """Say in the status line where the reader is."""
        visit = self.session.current
        if self.page.display and visit is not None:
            entry = self.session.get_entry(visit.story)
            self.status_bar.show_position(visit, entry, self.page, self.size.width)
        else:
            self.status_bar.set_text(f"{len(self.session.catalog)} stories", "? help", (2, 2))
