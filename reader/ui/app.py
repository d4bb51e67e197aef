"""The Textual application: theme, key map, terminal title, and how the program ends."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn, cast

from textual import events
from textual.app import App
from textual.errors import NoWidget
from textual.worker import WorkerFailed

from reader.drawing.early_screen import EARLY_SCREEN
from reader.drawing.opening import make_measure_settings
from reader.drawing.styles import DEFAULT_THEME, TERMINAL
from reader.garbage import collect_if_due, start_collections
from reader.text.cells import sanitize_line
from reader.ui import run_in_thread, start_worker
from reader.ui.commands import APP, make_bindings
from reader.ui.controllers.pacing import import_late_modules
from reader.ui.dialogs import Dialog
from reader.ui.driver import ReaderDriver
from reader.ui.input_queue import InputQueue
from reader.ui.keys import check_keymap
from reader.ui.page.page import Page
from reader.ui.screen import ReadingScreen
from reader.ui.signals import catch_errors, handle_signals, is_in_background
from reader.ui.start.takeover import FrameHold
from reader.ui.stopper import Stopper
from reader.ui.theme import THEMES, find_textual_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rich.console import RenderableType
    from textual.actions import ActionParseResult
    from textual.binding import BindingType
    from textual.dom import DOMNode
    from textual.geometry import Offset
    from textual.screen import Screen
    from textual.theme import Theme

    from reader.config import Config
    from reader.library.files import File
    from reader.session.session import Session
    from reader.ui.controllers.palette import Palette
    from reader.ui.widgets.status_bar import CommandRequested


SWITCH_SECONDS: Final = 0.001
"""Seconds that a worker may hold the interpreter while a key waits.

Python's default of 0.005 is a third of a frame, each time the loop wakes up.
"""
REST_SECONDS: Final = 5.0
"""Seconds without input after which the frame of the next start is kept and garbage is collected,
and between two times."""
IMPORT_DELAY_SECONDS: Final = 0.3
"""Seconds after the first screen until modules are imported that it doesn't need."""
MAX_TITLE_CHARACTERS: Final = 200
"""Characters of a story's title that become the terminal's title."""


class ReaderApp(App[None], inherit_bindings=False):
    """The reader's application with its one screen."""

    TITLE = "reader"
    CSS_PATH = "reader.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = make_bindings(APP)

    def __init__(
        self,
        session: Session,
        config: Config,
        *,
        pending_files: Sequence[File] = (),
        theme: str | None = None,
        after_start: Callable[[], str] | None = None,
    ) -> None:
        if not os.environ.get("NO_COLOR"):  # Textual takes an empty one for a request
            os.environ.pop("NO_COLOR", None)
        # With `ansi_color` Textual keeps the terminal's own colours and background.
        keep_colours = config.transparent or "NO_COLOR" in os.environ
        super().__init__(driver_class=ReaderDriver, ansi_color=True if keep_colours else None)
        self.failures: list[BaseException] = []
        """The errors that ended the app or came while it ended, the first one first."""
        self._force_exit: Callable[[int], None] | None = None
        """Ends the program with an exit code if the app doesn't end soon."""
        self.session = session
        self._stopper = Stopper(
            self,
            before_stop=session.tracker.stop,
            after_unannounced_stop=session.tracker.forget_time,
            after_resume=self._redraw_on_resume,
            exit_now=self._exit_at_once,
        )
        self.inputs = InputQueue(self, self._handle_input)
        self._frame_hold = FrameHold(self, self._has_settled)
        self.is_ending = False
        """The app has saved and is about to exit; later keys, callbacks and workers do nothing."""
        self.keep_frame: Callable[[int], None] | None = None
        """Keeps the frame of the next start, for a number of stories; None if there is none."""
        self._last_input = 0.0
        """The time of the last key or mouse event, as of `time.monotonic`."""
        self._after_start = after_start
        """Runs in a thread once the first screen is drawn; returns a notice, empty for none."""
        keymap, _ = check_keymap(config.keys)
        self.set_keymap(keymap)
        self._keymap = keymap
        for registered in THEMES:
            self.register_theme(registered)
        self.theme = find_textual_name((theme or DEFAULT_THEME) if self._has_colours else TERMINAL)
        self.reading_screen = ReadingScreen(
            session,
            Page(config.paragraph_style, make_measure_settings(session, config)),
            pending_files,
            keymap,
            is_on_page=session.current is not None,
        )
        self.reading_screen.late.count_rested_seconds = self._count_rested_seconds
        self.reading_screen.late.run_outside = self._stopper.run_outside
        self.reading_screen.is_held = lambda: self._frame_hold.is_active

    @property
    def _has_colours(self) -> bool:
        """The terminal has more than 16 colours: the themes need more."""
        return not self.no_color and self.console.color_system not in ("standard", None)

    @property
    def cursor_position(self) -> Offset:
        """Where Textual puts the terminal's cursor after each frame.

        The cursor is hidden, but screen readers, braille displays and magnifiers follow it.
        """
        screen = self.screen_stack[-1] if self.screen_stack else None
        cursor = screen.terminal_cursor if isinstance(screen, (ReadingScreen, Dialog)) else None
        return cursor if cursor is not None else self._input_cursor

    @cursor_position.setter
    def cursor_position(self, offset: Offset) -> None:
        """Store the cursor of the input line, which Textual sets."""
        self._input_cursor = offset

    def get_default_screen(self) -> Screen[None]:
        """Return the reading screen."""
        return self.reading_screen

    def on_mount(self) -> None:
        """Save each change of theme; start garbage collection after the first screen."""
        self.theme_changed_signal.subscribe(self, self._save_theme)
        sys.setswitchinterval(SWITCH_SECONDS)
        self.call_after_refresh(self._finish_start)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Draw a frame, unless the first frame is still shown in its place."""
        if not self._frame_hold.is_active:
            super()._display(screen, renderable)

    def _has_settled(self) -> bool:
        """Whether no message or early key waits, and the shelf shows its stories."""
        is_listed = self.reading_screen.shelf.is_listed
        return is_listed and not self.inputs and self.inputs.is_app_done()

    def _finish_start(self) -> None:
        # The first frame has the first notice.
        self.reading_screen.status_bar.show_session_notices(self.session)
        self._frame_hold.release_when_settled()
        current = self.session.current
        if current is not None and current.goal is not None and not self.is_ending:
            self.reading_screen.late.navigation.await_goal(current)
        start_collections()
        self.set_interval(REST_SECONDS, self._use_rest)
        self.set_timer(IMPORT_DELAY_SECONDS, self._import_late_modules)
        if self._after_start is not None and not self.is_ending:
            start_worker(self, "start", self._run_after_start, self._after_start)

    def _import_late_modules(self) -> None:
        start_worker(self, "import", run_in_thread, import_late_modules, self._count_rested_seconds)

    def _count_rested_seconds(self) -> float:
        """Return the seconds since the last key or mouse event."""
        return time.monotonic() - self._last_input

    def _use_rest(self) -> None:
        """While keys rest, collect garbage and keep the frame, so that a kill leaves one too."""
        is_idle = self._count_rested_seconds() > REST_SECONDS
        collect_if_due(is_resting=is_idle)
        if self.keep_frame is not None and is_idle and not self.is_ending:
            count = len(self.session.catalog)
            start_worker(self, "keep", run_in_thread, self.keep_frame, count, exclusive=False)

    async def _run_after_start(self, after_start: Callable[[], str]) -> None:
        notice = await asyncio.to_thread(after_start)
        if notice:
            self.session.notify(notice)

    async def on_event(self, event: events.Event) -> None:
        """Record each key and mouse event as activity, and queue it unless it bubbles up."""
        is_input = isinstance(event, (events.InputEvent, events.Paste))
        if is_input and self.is_ending:
            return
        if isinstance(event, events.InputEvent):
            self._last_input = time.monotonic()
            self.session.tracker.record_activity()
            if not isinstance(event, events.MouseMove):
                self.reading_screen.note_input(event)
        if is_input and not event.is_forwarded:
            await self.inputs.add(event)
        else:
            await super().on_event(event)

    async def _handle_input(self, event: events.Event) -> None:
        """Handle a key, mouse event or paste whose turn has come."""
        is_outside = isinstance(event, events.MouseEvent) and self._is_outside(event)
        if self.screen_stack and not (self.is_ending or is_outside):
            await super().on_event(event)

    def _is_outside(self, event: events.MouseEvent) -> bool:
        """Return whether no widget is at the mouse: Textual would leave nothing focused."""
        if self.mouse_captured is not None or not self.screen_stack:
            return False
        try:
            self.screen.get_widget_at(event.screen_x, event.screen_y)
        except NoWidget:
            return True
        return False

    def watch_title(self, title: str) -> None:
        """Set the terminal's title. It is sanitised: it can end no control sequence."""
        if self._driver is not None and not self.is_headless:
            self._driver.write(f"\x1b]2;{sanitize_line(title, MAX_TITLE_CHARACTERS)}\x1b\\")

    def _save_theme(self, theme: Theme) -> None:
        name = TERMINAL if theme.name.startswith("ansi-") else theme.name
        self.session.save_choice("theme", name)

    @cached_property
    def palette(self) -> Palette:
        """The controller of the palette."""
        from reader.ui.controllers.palette import Palette

        screen = self.reading_screen
        return Palette(
            self, screen.parts, self._keymap, self.choose_theme, screen.show_story_after_jump
        )

    async def on_command_requested(self, message: CommandRequested) -> None:
        """Do what the key of the command does."""
        await self.palette.run_command(message.command_id)

    def choose_theme(self, name: str) -> None:
        """Change the theme and save the choice."""
        self.theme = find_textual_name(name)

    def action_palette(self) -> None:
        """Open the palette, or close it."""
        if self.screen_stack:
            self.palette.toggle()

    def action_leave(self) -> None:
        """Save and quit, from the main screen."""
        self._quit(0)

    async def action_quit(self) -> None:
        """Save and quit, from a dialog too."""
        self._quit(0)

    def action_interrupt(self) -> None:
        """Copy the selection, as terminals do; without one, save and quit with SIGINT's code.

        The selection is cleared, so that the next ctrl+c ends the program. An editor discards
        what was typed instead.
        """
        dialog = self.screen_stack[-1] if self.screen_stack else None
        if isinstance(dialog, Dialog) and dialog.take_interrupt():
            return
        is_on_main = self.screen_stack[-1:] == [self.reading_screen]
        if is_on_main and self.reading_screen.late.copier.copy_selection():
            self.reading_screen.page.select(None)
            return
        self._quit(128 + signal.SIGINT)

    def action_suspend(self) -> None:
        """Save and stop the program for the shell."""
        self._stopper.request_stop()

    def _redraw_on_resume(self) -> None:
        """Redraw everything after `fg`, and count reading time again."""
        self.watch_title(self.title)
        self.refresh(layout=True)
        self.reading_screen.update_tracking()

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run an action, but none once the app ends: Textual can mount no widget by then."""
        return self.is_ending or await super().run_action(action, default_namespace, namespaces)

    def _quit(self, code: int) -> None:
        """Save, cancel all workers, and exit."""
        self.session.leave()
        self.is_ending = True
        self.workers.cancel_all()  # their results would arrive on a closed screen
        self.exit(return_code=code)

    def _quit_on_signal(self, number: int) -> None:
        """Save, and exit once the keys that were typed before the signal are handled.

        In the background, don't touch the modes of the shell's terminal.
        """
        if is_in_background():
            self._exit_at_once(128 + number)
        self._end_after_input(partial(self._quit, 128 + number))

    def _exit_on_hangup(self) -> None:
        """Save and end, since the terminal is gone: Textual would wait for it for ever."""
        self._end_after_input(partial(self._exit_at_once, 128 + signal.SIGHUP))

    def _end_after_input(self, end: Callable[[], None]) -> None:
        """Save, and call `end` once the keys that were typed before are handled."""
        try:
            self.session.save()
        finally:
            self.inputs.call_when_empty(end)

    def _exit_at_once(self, code: int) -> NoReturn:
        """Save, restore the screen, and end the program without Textual."""
        try:
            self.session.close()
        finally:
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # a write must not stop the program
            self._restore_screen()
            os._exit(code)

    def _restore_screen(self) -> None:
        """Switch off the terminal's modes that the driver has left on."""
        EARLY_SCREEN.leave()
        if isinstance(self._driver, ReaderDriver):
            self._driver.output.restore()

    def _handle_exception(self, error: Exception) -> None:
        """End the app by an error, from wherever it comes.

        Ignore a worker that fails once the app ends, such as the palette's without a screen.
        """
        if not (self.is_ending and isinstance(error, WorkerFailed)):
            self.failures.append(error.error if isinstance(error, WorkerFailed) else error)
            super()._handle_exception(error)

    def _fail(self, error: BaseException) -> None:
        """End the app by an error outside its message handlers."""
        if isinstance(error, Exception):
            self._handle_exception(error)
        else:
            self._handle_exception(RuntimeError(repr(error)))

    def panic(self, *renderables: RenderableType) -> None:
        """End the app. Textual would print the error with its local variables."""
        if not self.failures:
            self.failures.append(RuntimeError(*map(str, renderables)))
        self._fatal_error()

    def _fatal_error(self) -> None:
        """End the app by an error that is in `failures`. The caller of the app reports it."""
        if self._force_exit is not None:
            self._force_exit(1)
        self._close_messages_no_wait()

    async def run_with_signals(self, received: bytes = b"") -> int:
        """Run the app and return its exit code. Signals are handled before the first frame.

        The terminal has sent `received` so far. The code is 1 after any error; the caller
        reports `failures`.
        """
        # Textual only calls its driver class, but the attribute's type can't say so.
        self.driver_class = cast("type[ReaderDriver]", partial(ReaderDriver, received=received))
        with (
            handle_signals(
                self._quit_on_signal,
                self._exit_on_hangup,
                record=self._stopper.record_end,
                restore=self._restore_screen,
            ) as self._force_exit,
            self._stopper.listen(),
            catch_errors(self._fail),
        ):
            try:
                await self.run_async()
                self.session.close()
            except Exception as error:  # noqa: BLE001  reported like the errors inside the app
                self.failures.append(error)
            finally:
                self._restore_screen()
        if self.return_code is None and not self.failures:
            self.failures.append(RuntimeError("the app ended without an exit code"))
        return 1 if self.failures else self.return_code or 0
