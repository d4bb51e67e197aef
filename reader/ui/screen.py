"""The main screen: shelf, page and status bar, and the wiring between them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.screen import Screen

from reader.ui.commands import SCREEN, format_first_key, make_bindings
from reader.ui.controllers import LateControllers, ScreenParts
from reader.ui.controllers.loader import Loader
from reader.ui.controllers.shelf import ShelfController
from reader.ui.page import (
    EndReached,
    FocusChanged,
    LinkFollowed,
    MeasureChanged,
    PageJumped,
    PageMoved,
    PageNotice,
    ShelfRequested,
)
from reader.ui.widgets.panes import Panes
from reader.ui.widgets.shelf import Shelf
from reader.ui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.geometry import Offset

    from reader.library.files import File
    from reader.library.story import Story
    from reader.reading.annotations import Highlight
    from reader.session.session import Session
    from reader.text.document import Place
    from reader.ui.controllers.input_lines import InputLines
    from reader.ui.controllers.navigation import NextStoryPrompt
    from reader.ui.page.page import Page


TICK_SECONDS: Final = 0.5
"""Seconds between two ticks of the session, and so between two saves."""
PRELOAD_DELAY_SECONDS: Final = 0.3
"""Seconds after the first screen until the search bar is made, so that `/` opens it at once."""


class ReadingScreen(Screen[None]):
    """Shelf, page and status bar. All controllers but the loader are imported on first use."""

    BINDINGS: ClassVar[list[BindingType]] = make_bindings(SCREEN)
    AUTO_FOCUS = None

    def __init__(
        self,
        session: Session,
        page: Page,
        pending_files: Sequence[File],
        keymap: Mapping[str, str],
        *,
        is_on_page: bool,
    ) -> None:
        super().__init__()
        self.session = session
        self.shelf = Shelf()
        self.page = page
        self.panes = Panes(self.shelf, self.page, is_on_page=is_on_page)
        self.status_bar = StatusBar(keymap, has_seen_help=bool(session.get_choice("help")))
        self._keymap = keymap
        self.parts = ScreenParts(
            self, session, page, self.shelf, self.status_bar, self._show_story, self.refresh_page
        )
        self._loader = Loader(self, session, self.page, keymap, self._update_after_show)
        self._loader.must_wait = lambda: self.is_held()  # noqa: PLW0108  the app sets another one
        self._shelf_controller = ShelfController(
            self.parts, self.panes, self._loader, pending_files, keymap
        )
        self.late = LateControllers(
            self.parts, self._shelf_controller, lambda: self.input_lines, keymap, self.action_reload
        )
        self.shelf.stop_changes = lambda: self.late.changes.stop()  # noqa: PLW0108  made when it is used
        self.is_held: Callable[[], bool] = bool  # the first frame is shown in place of the app's
        self._next_story_prompt: NextStoryPrompt | None = None
        self._has_backtick = False  # one was typed; a second one is `toggle-place`

    def compose(self) -> ComposeResult:
        """Lay out shelf and page, and the status bar below them."""
        yield self.panes
        yield self.status_bar

    def on_mount(self) -> None:
        """Show the first screen: the story that is open, or the shelf and its first story."""
        self.panes.fit_terminal(self.app.size)
        open_story = self.session.current
        self._shelf_controller.update()
        if open_story is not None:
            self.shelf.set_cursor(open_story.story.path)
            self._loader.show_story(open_story)
            self.session.record_open_story(open_story.story)
        (self.page if self.panes.is_on_page else self.shelf).focus()
        self.set_interval(TICK_SECONDS, self._tick)
        self.set_timer(PRELOAD_DELAY_SECONDS, self._make_search_bar)
        self._shelf_controller.files.start()

    def _compositor_refresh(self) -> None:
        """Draw a frame. While the first frame is held in its place, don't even render it."""
        if not self.is_held():
            super()._compositor_refresh()
        self._dirty_widgets.clear()

    def on_resize(self, event: events.Resize) -> None:
        """Show both panes if the terminal is wide enough."""
        self.panes.fit_terminal(event.size)

    @property
    def terminal_cursor(self) -> Offset | None:
        """Where the terminal's cursor belongs; None while an input line has it."""
        panes = (self.page, self.shelf)
        return next((pane.terminal_cursor for pane in panes if pane.has_focus), None)

    @on(Shelf.CursorMoved)
    def _preview_story(self, message: Shelf.CursorMoved) -> None:
        self.status_bar.follow_story(message.story.path)
        self._loader.schedule_load(message.story)

    @on(Shelf.Chosen)
    def _show_chosen_story(self, message: Shelf.Chosen) -> None:
        self._show_story(message.story)

    def _show_story(self, story: Story, goal: Place | Highlight | str | None = None) -> None:
        """Show `story` at a place, a highlight, a heading, or where reading stopped; focus it."""
        self.status_bar.follow_story(story.path)
        self.shelf.set_cursor(story.path)
        self._loader.load(story, goal)
        self.session.record_open_story(story)
        self.panes.show_page()
        self.page.focus()

    @on(Shelf.ViewRequested)
    def _change_view(self, message: Shelf.ViewRequested) -> None:
        self._shelf_controller.change_view(message)

    @on(Shelf.HideRequested)
    def _hide_stories(self) -> None:
        self.late.removal.hide()

    @on(Shelf.DeletionRequested)
    def _delete_stories(self) -> None:
        self.late.removal.delete()

    @on(ShelfRequested)
    def _show_shelf(self) -> None:
        """Show the shelf beside the page if it was hidden, else sort it and focus it."""
        self._shelf_controller.show_shelf()

    def _update_after_show(self) -> None:
        """Set the terminal's title and start tracking after the page shows another story."""
        open_story = self.session.current
        if open_story is not None:
            self.app.title = open_story.story.title
            self.status_bar.follow_story(open_story.story.path)
            if self.page.has_focus:
                self.session.tracker.start()
        self._update_status_bar()

    @on(PageMoved)
    def _update_position(self, message: PageMoved) -> None:
        """Pass the page's new place on to the session and the status bar."""
        if message.by_reader and self._next_story_prompt is not None:
            self._next_story_prompt.reset()
        if message.by_reader and self.page.has_focus:
            self._loader.pause_parsing()
            self.session.tracker.record_move(self.page.place)
        if self.session.current is not None:
            self.session.tracker.set_visible_range(*self.page.visible_range)
        if message.by_reader:
            self._update_status_bar()
            self.page.refresh()  # not before: page and status bar change in one frame
        else:
            self.call_after_refresh(self._update_status_bar)  # the column may just have moved

    @on(EndReached)
    def _offer_next_story(self) -> None:
        """Name the next story, or show it."""
        if self._next_story_prompt is None:
            from reader.ui.controllers.navigation import NextStoryPrompt

            self._next_story_prompt = NextStoryPrompt(self.status_bar, self.show_story_after_jump)
        key = format_first_key("page-down", self._keymap)
        self._next_story_prompt.prompt_or_show(self._loader.end_card.suggestions, key)

    def show_story_after_jump(self, story: Story) -> None:
        """Show `story`; the place before it is added to the jump list."""
        self.parts.record_jump()
        self._show_story(story)

    def refresh_page(self) -> None:
        """Redraw the page and its end card after reading data has changed."""
        self._loader.refresh_end_card()
        self.page.redraw()

    def note_input(self, event: events.InputEvent) -> None:
        """Show suggestions that waited; on the page, hide the line that says where reading stopped."""
        self._shelf_controller.files.note_input(event)
        if self.page.has_focus and self.page.viewport.hide_stop_line():
            self.page.redraw()

    @on(PageJumped)
    def _record_jump(self, message: PageJumped) -> None:
        self.parts.record_jump(message.place)

    @on(PageNotice)
    def _show_notice(self, message: PageNotice) -> None:
        self.status_bar.show_notice(message.text)

    @on(LinkFollowed)
    def _follow_link(self, message: LinkFollowed) -> None:
        self.late.navigation.follow_link(message.link)

    @on(MeasureChanged)
    def _save_measure(self, message: MeasureChanged) -> None:
        self.session.save_choice("measure", str(message.measure or ""))

    @on(FocusChanged)
    @on(events.AppFocus)
    @on(events.ScreenResume)
    def update_tracking(self) -> None:
        """Count reading time while the page and the terminal have the focus."""
        is_reading = self.page.has_focus and self.is_current and self.app.app_focus
        if is_reading and self.session.current is not None:
            self.session.tracker.record_move(self.page.place)
            self.session.tracker.start()
        else:
            self.session.tracker.stop()
        self._update_status_bar()

    @on(events.AppBlur)
    @on(events.ScreenSuspend)
    def _stop_tracking(self) -> None:
        """Count no reading time under a dialog, or while another window has the focus."""
        self.session.tracker.stop()

    def _tick(self) -> None:
        """Save what was read, and show what has changed since the last tick."""
        if (change := self.session.tracker.tick()) is not None:
            self.late.read_status.show_change(change)
        self._loader.check_end_card()
        if self.session.current is not None and self.page.has_focus:
            self.shelf.update_entry(self.session.get_entry(self.session.current.story))
        if self.session.take_new_data():
            self._shelf_controller.update()
            self.refresh_page()
        self.status_bar.show_session_notices(self.session)
        self._update_status_bar()
        self._shelf_controller.files.check()
        self.late.indexing.check()

    @on(Shelf.TicksChanged)
    def _update_status_bar(self) -> None:
        """Show the position in the story, or while keys go to the shelf what is there."""
        open_story = self.session.current
        is_on_shelf = self.shelf.has_focus or self._shelf_controller.show_typed is not None
        if self.page.display and open_story is not None and not is_on_shelf:
            entry = self.session.get_entry(open_story.story)
            self.status_bar.show_position(open_story, entry, self.page, self.size.width)
        else:
            self._shelf_controller.show_counts(self.size.width)

    @cached_property
    def input_lines(self) -> InputLines:
        """The controller of the search bar and of the filter line."""
        from reader.ui.controllers.input_lines import InputLines

        return InputLines(self.parts, self._shelf_controller)

    async def _make_search_bar(self) -> None:
        await self.input_lines.ensure_search_bar()

    def on_search_bar_closed(self) -> None:
        """Show the status bar again, and focus the page."""
        self.status_bar.display = True
        self.page.focus()

    @on(Shelf.FilterCleared)
    def _clear_filter(self) -> None:
        """Show all stories again."""
        self.input_lines.clear_filter()

    def _focus_page(self) -> None:
        """Focus the page, with the story under the shelf's cursor if the shelf has the focus."""
        if not self.page.has_focus and self.shelf.story is not None:
            self._show_story(self.shelf.story)

    @on(events.Paste)
    async def _offer_pasted_text(self, event: events.Paste) -> None:
        """Offer to add what was pasted on the shelf."""
        if self.shelf.has_focus:
            (await self.late.load_adding()).open(event.text)

    async def action_add(self) -> None:
        """Ask for an address, a file or the text of a story to add."""
        (await self.late.load_adding()).open()

    async def action_find(self) -> None:
        """Open the search bar, or from the shelf its filter line."""
        await self.input_lines.open_line()

    def action_search(self) -> None:
        """Search the texts of all stories."""
        self.late.text_search.open()

    def action_contents(self) -> None:
        """Open the list of headings."""
        self._focus_page()
        self.late.navigation.open_contents()

    def action_edit(self) -> None:
        """Edit the file of the selected story."""
        self.late.story_editor.edit()

    def action_page_alone(self) -> None:
        """Show the page alone, or with the shelf again."""
        self._shelf_controller.toggle_page_alone()

    def action_next_story(self) -> None:
        """Go to the next match while any is shown, else to the next part or story."""
        self.late.navigation.go_to_neighbour(1)

    def action_previous_story(self) -> None:
        """Go to the previous match while any is shown, else to the previous part or story."""
        self.late.navigation.go_to_neighbour(-1)

    def action_back(self) -> None:
        """Go back to where the last jump began."""
        self.late.navigation.go_back()

    def action_forward(self) -> None:
        """Go forward again after going back."""
        self.late.navigation.go_forward()

    def action_toggle_place(self) -> None:
        """Switch between the last two places, at the second backtick."""
        self._has_backtick = not self._has_backtick
        if not self._has_backtick:
            self.late.navigation.toggle_place()

    def on_key(self, event: events.Key) -> None:
        """Forget a backtick when another key follows."""
        self._has_backtick &= event.key == "grave_accent"

    def action_copy_paragraph(self) -> None:
        """Copy the selection, else the paragraph at the cursor."""
        self.late.copier.copy_paragraph()

    def action_copy_address(self) -> None:
        """Copy the address of the selection or of the paragraph at the cursor."""
        self.late.copier.copy_address()

    def action_highlight(self) -> None:
        """Highlight the selection or the sentence at the cursor; again: widen or narrow it."""
        self.late.annotations.highlight()

    def action_note(self) -> None:
        """Edit the note on the highlight at the cursor."""
        self.late.annotations.edit_note()

    def action_respond(self) -> None:
        """Edit the response to the selected story."""
        self.late.annotations.edit_response()

    def action_highlights(self) -> None:
        """Open the list of highlights and responses."""
        self.late.annotations.open_annotations()

    def action_history(self) -> None:
        """Open the list of finished stories."""
        self.late.annotations.open_history()

    def action_mark(self) -> None:
        """Mark the selected story finished, or unread if it is finished."""
        self.late.read_status.toggle()

    def action_star(self) -> None:
        """Star the selected story, or take its star off."""
        self.late.labels.toggle_star()

    async def action_fitting(self) -> None:
        """Ask how many minutes the reader has, and list the stories that fit."""
        await self.late.chooser.ask_for_minutes()

    def action_random(self) -> None:
        """Show any story of those on the shelf, an unread one first."""
        self.late.chooser.show_random_story()

    async def action_tags(self) -> None:
        """Open the line for the reader's own tags of the selected story."""
        await self.late.labels.edit_tags()

    def action_undo(self) -> None:
        """Undo the last change."""
        self.late.read_status.undo()

    def action_reload(self) -> None:
        """Look for changed files, and read them again."""
        self._loader.check_files(self._shelf_controller.update, is_requested=True)

    def action_add_folder(self) -> None:
        """Add the folder that is shown to the library."""
        self._shelf_controller.add_folder()

    def action_help(self) -> None:
        """Show the help."""
        from reader.ui.controllers.palette import open_help

        open_help(self.parts, self._keymap)
