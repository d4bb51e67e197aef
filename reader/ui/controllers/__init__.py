"""Handle the screen's commands. Each controller owns one subject and gets only what it uses.

This module also defines `InputQueue`, which hands keys and mouse events to the app one at a time.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Final

from textual import events
from textual.widget import Widget

from reader.session.jumplist import JumpList, JumpPoint
from reader.ui import run_in_thread
from reader.ui.commands import MAX_COUNT, Count, format_first_key
from reader.ui.controllers.text_search.background import BackgroundIndexing
from reader.ui.dialogs import Dialog
from reader.ui.keys import find_latin_key, get_typed_character

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from textual.app import App
    from textual.message_pump import MessagePump
    from textual.screen import Screen

    from reader.library.story import Story
    from reader.reading.annotations import Highlight
    from reader.session.session import Session
    from reader.session.shelf.entries import TitleFacts
    from reader.text.document import Place
    from reader.ui.controllers.adding import AddController
    from reader.ui.controllers.annotations import AnnotationController
    from reader.ui.controllers.choosing import StoryChooser
    from reader.ui.controllers.desktop import Copier, StoryEditor
    from reader.ui.controllers.input_lines import InputLines
    from reader.ui.controllers.navigation import Navigation
    from reader.ui.controllers.pacing import ChangeRunner
    from reader.ui.controllers.removing import RemovalController
    from reader.ui.controllers.shelf import ShelfController
    from reader.ui.controllers.stories import LabelController, ReadStatusController
    from reader.ui.controllers.text_search.controller import TextSearchController
    from reader.ui.page.page import Page
    from reader.ui.widgets.shelf import Shelf
    from reader.ui.widgets.status_bar import StatusBar


@dataclass(frozen=True)
class ScreenParts:
    """The parts of the reading screen that controllers use."""

    screen: Screen[None]
    """Runs workers and opens dialogs."""
    session: Session
    page: Page
    shelf: Shelf
    status_bar: StatusBar
    show_story: Callable[[Story, Place | Highlight | str | None], None]
    """Shows a story on the page: at a place, a highlight, a heading, or where reading stopped."""
    refresh: Callable[[], None]
    """Redraws the page and its end card after reading data has changed."""
    jump_list: JumpList = field(default_factory=JumpList)
    """Where jumps began. Most keys that jump need nothing else of the controller of jumps."""

    @property
    def facts(self) -> TitleFacts:
        """What names stories so that those with the same title are told apart."""
        return self.session.shelf_list.facts

    @property
    def selected_story(self) -> Story | None:
        """The story that a command is for.

        It is the one on the page while the page has the focus, else the one under the shelf's
        cursor.
        """
        current = self.session.current
        return current.story if self.page.has_focus and current else self.shelf.story

    @property
    def selected_stories(self) -> list[Story]:
        """The stories that a command for several is for.

        They are the ticked ones of the shelf, or else the one that `selected_story` is.
        """
        ticked = [] if self.page.has_focus else self.shelf.ticked_stories
        return ticked or ([self.selected_story] if self.selected_story is not None else [])

    def record_jump(self, place: Place | None = None) -> None:
        """Add `place`, or the page's current place, to the jump list before a jump."""
        if self.session.current is not None:
            path = self.session.current.story.path
            self.jump_list.push(JumpPoint(path, place or self.page.place))

    @property
    def is_saving(self) -> bool:
        """What is changed now is saved at once."""
        return not self.session.save_problem


class LateControllers:
    """The controllers that the first screen doesn't need: each is made when it is first used."""

    def __init__(
        self,
        parts: ScreenParts,
        shelf: ShelfController,
        get_lines: Callable[[], InputLines],
        keymap: Mapping[str, str],
        check_files: Callable[[], None],
    ) -> None:
        self._parts = parts
        self._shelf = shelf
        self._get_lines = get_lines
        self._keymap = keymap
        self._adding: AddController | None = None
        self.run_outside: Callable[[Callable[[], str]], str | None] = lambda _run: None
        """Gives the terminal away while it calls a function, and returns its result."""
        self.count_rested_seconds: Callable[[], float] = float
        """Returns how long no key was pressed."""
        self._check_files = check_files
        """Shows which files have changed."""
        self.indexing = BackgroundIndexing(parts.session, self._update_index)

    def _update_index(self) -> bool:
        return self.text_search.update_in_background()

    @cached_property
    def navigation(self) -> Navigation:
        """The controller of jumps."""
        from reader.ui.controllers.navigation import Navigation

        return Navigation(self._parts, self._shelf.update)

    @cached_property
    def chooser(self) -> StoryChooser:
        """The controller that chooses a story by time, or at random."""
        from reader.ui.controllers.choosing import StoryChooser

        return StoryChooser(self._parts, self._get_lines(), self._shelf.wait_for_list)

    @cached_property
    def copier(self) -> Copier:
        """The controller of the clipboard."""
        from reader.ui.controllers.desktop import Copier

        return Copier(self._parts)

    @cached_property
    def story_editor(self) -> StoryEditor:
        """The controller of the editor outside the program."""
        from reader.ui.controllers.desktop import StoryEditor

        return StoryEditor(self._parts, self.run_outside, self._check_files)

    @cached_property
    def annotations(self) -> AnnotationController:
        """The controller of highlights, notes and responses."""
        from reader.ui.controllers.annotations import AnnotationController

        return AnnotationController(self._parts, self.copier, self.read_status)

    @cached_property
    def read_status(self) -> ReadStatusController:
        """The controller of read status and undo."""
        from reader.ui.controllers.stories import ReadStatusController

        return ReadStatusController(self._parts, self._shelf, self)

    @cached_property
    def removal(self) -> RemovalController:
        """The controller of stories that are deleted."""
        from reader.ui.controllers.removing import RemovalController

        return RemovalController(self._parts, self._shelf, self.changes)

    @cached_property
    def changes(self) -> ChangeRunner:
        """The controller of changes of many stories."""
        from reader.ui.controllers.pacing import ChangeRunner

        stop_key = format_first_key("clear-filter", self._keymap)
        return ChangeRunner(self._parts, self.count_rested_seconds, stop_key)

    @cached_property
    def labels(self) -> LabelController:
        """The controller of stars and tags."""
        from reader.ui.controllers.stories import LabelController

        return LabelController(self._parts, self._shelf, self._get_lines(), self.changes)

    @cached_property
    def text_search(self) -> TextSearchController:
        """The controller of the search of all texts."""
        from reader.ui.controllers.text_search.controller import TextSearchController

        ensure_search_bar = self._get_lines().ensure_search_bar
        return TextSearchController(
            self._parts, self.navigation, ensure_search_bar, self.count_rested_seconds
        )

    async def load_adding(self) -> AddController:
        """Return the controller of stories that are brought in; keys wait for it meanwhile.

        What it needs is imported in a thread, since that takes longer than a few frames.
        """
        if self._adding is None:
            await run_in_thread(import_module, "reader.ui.controllers.adding")
            from reader.ui.controllers.adding import AddController

            self._adding = AddController(self._parts, self._shelf.update, self._keymap)
        return self._adding


REPEATABLE: Final = frozenset(
    ("line-down", "line-up", "page-up", "half-down", "half-up", "row-down", "row-up")
)
"""Commands whose key does the same after a count as when it is pressed so many times."""
_UNCOUNTED: Final = 2
"""Repeats of a key that are handed over one by one."""
MAX_WAIT_SECONDS: Final = 2.0
"""Seconds that input waits at most for what comes before it. On a busy machine the first dialog
takes half a second to open, and what was typed in the same packet is for it."""
MAX_DRAWN_EVENTS: Final = 30
"""Events that may wait while each is drawn: a second of a held key."""
FRAME_SECONDS: Final = 0.1
"""Seconds between two frames while more events wait."""
READ_SECONDS: Final = 0.03
"""Seconds in which the input thread reads what was typed before a signal came."""
MAX_DRAIN_SECONDS: Final = 1.0
"""Seconds that the end of the program waits for the input before it."""
_SPINS: Final = 20
"""Checks in a row whether the app is done; between later ones the loop rests."""
_REST_SECONDS: Final = 0.001


class InputQueue:
    """Hands keys, mouse events and pastes to the app, each after the effects of those before it.

    Textual passes all of them on at once, to what has the focus then. Of keys that arrive
    together, some would reach a dialog that an earlier one closes, or miss one that it opens.
    """

    def __init__(self, app: App[None], handle: Callable[[events.Event], Awaitable[None]]) -> None:
        self._app = app
        self._hand_over = handle
        self._events: deque[events.Event] = deque()
        self._is_scheduled = False
        self._wait_began: float | None = None
        self._checks = 0
        """Checks since the wait for the app began."""
        self._batch = ExitStack()
        """Holds back frames while it has a context."""
        self._batch_end: float | None = None
        """When the next frame is drawn; None while each event is drawn."""
        self._last_key = ""
        self._repeats = 0
        """How often the last key was repeated."""
        self._ending: asyncio.Task[None] | None = None
        """Referred to here, because the loop keeps no task alive."""

    def __len__(self) -> int:
        return len(self._events)

    async def add(self, event: events.Event) -> None:
        """Hand `event` over at once if the app has nothing else to do, else when it is done."""
        is_move = isinstance(event, events.MouseMove)
        if is_move and self._events and isinstance(self._events[-1], events.MouseMove):
            self._events.pop()
        self._events.append(event)
        if not self._is_scheduled:
            await self._advance()

    async def _advance(self) -> None:
        """Hand the next event over if its turn has come, and come back as long as there is one."""
        self._is_scheduled = False
        if self._events and self._is_next_due():
            self._wait_began, self._checks = None, 0
            self._drop_early_events()
            if self._events:
                await self._hand_over(self._take())
        self._hold_back_frames()
        if self._events:
            self._is_scheduled = True
            self._check_soon()

    def _check_soon(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(0 if self._checks < _SPINS else _REST_SECONDS, self._check)

    def _check(self) -> None:
        """Come back in the app's own task, where nothing else runs, if the app seems done."""
        if self._is_next_due():
            self._is_scheduled = self._app.call_later(self._advance)
        else:
            self._check_soon()

    def _drop_early_events(self) -> None:
        """Drop what was typed before the reader could see the dialog that would take it."""
        dialog = self._app.screen_stack[-1] if self._app.screen_stack else None
        if isinstance(dialog, Dialog):
            while self._events and dialog.is_too_early(self._events[0]):
                self._events.popleft()

    def _take(self) -> events.Event:
        """Return the next event; of keys that type text, all that wait, as one paste.

        A terminal without bracketed paste sends a paste as keys, maybe a hundred thousand.
        """
        event = self._events.popleft()
        text = self._get_typed_text(event)
        if not text:
            event = self._translate_layout(event)
            self._count_repeats(event)
            return event
        pieces = [text]
        while self._events and (text := self._get_typed_text(self._events[0])):
            self._events.popleft()
            pieces.append(text)
        return events.Paste("".join(pieces)) if len(pieces) > 1 else event

    def _translate_layout(self, event: events.Event) -> events.Event:
        """Return the key in the same position of a Latin layout if `event` is an unbound letter."""
        if not isinstance(event, events.Key) or (event.character or event.key).isascii():
            return event
        latin = find_latin_key(event.key, event.character)
        if not latin or not self._app.screen_stack or event.key in self._app.active_bindings:
            return event
        return events.Key(latin, get_typed_character(latin))

    def _count_repeats(self, event: events.Event) -> None:
        """Make a count of the keys that wait and repeat `event`, if the command takes a count.

        The first two are handed over one by one: they may be the characters of a label.
        """
        key = event.key if isinstance(event, events.Key) else ""
        self._repeats = self._repeats + 1 if key and key == self._last_key else 0
        self._last_key = key
        # `getattr`, because only the page and the shelf take a count.
        count = getattr(self._app.focused, "count", None) if self._repeats >= _UNCOUNTED else None
        if not isinstance(count, Count) or count.number or not self._is_next(key):
            return
        binding = self._app.active_bindings.get(key)
        if binding is not None and binding.binding.id in REPEATABLE:
            count.number = 1
            while self._is_next(key) and count.number < MAX_COUNT:
                self._events.popleft()
                count.number += 1

    def _is_next(self, key: str) -> bool:
        event = self._events[0] if self._events else None
        return isinstance(event, events.Key) and event.key == key

    def _get_typed_text(self, event: events.Event) -> str:
        """Return what a key types in the focused text field; empty if it types nothing."""
        focused = self._app.focused if self._app.screen_stack else None
        if focused is None or not isinstance(event, events.Key) or not event.character:
            return ""
        return event.character if focused.check_consume_key(event.key, event.character) else ""

    def _hold_back_frames(self) -> None:
        """Draw a frame now and then only while many events wait, so that they don't wait for it."""
        now = time.monotonic()
        if self._batch_end is not None and (now > self._batch_end or not self._events):
            self._batch.close()
            self._batch_end = None
            if self._app.screen_stack:
                self._app.screen.check_idle()  # what was changed in the batch is drawn now
        elif self._batch_end is None and len(self._events) > MAX_DRAWN_EVENTS:
            self._batch.enter_context(self._app.batch_update())
            self._batch_end = now + FRAME_SECONDS

    def call_when_empty(self, callback: Callable[[], None]) -> None:
        """Call `callback` once what was typed before is handled, or that takes too long."""
        self._ending = asyncio.create_task(self._wait_and_call(callback))

    async def _wait_and_call(self, callback: Callable[[], None]) -> None:
        end = time.monotonic() + MAX_DRAIN_SECONDS
        await asyncio.sleep(READ_SECONDS)
        while (self._events or not self.is_app_done()) and time.monotonic() < end:  # noqa: ASYNC110  Textual has no such event
            await asyncio.sleep(_REST_SECONDS)
        try:
            callback()
        except Exception as error:  # noqa: BLE001  as in Textual's own message loops
            self._app._handle_exception(error)  # noqa: SLF001  what those loops call

    def _is_next_due(self) -> bool:
        now = time.monotonic()
        if self._wait_began is None:
            self._wait_began = now
        self._checks += 1
        return self.is_app_done() or now - self._wait_began > MAX_WAIT_SECONDS

    def is_app_done(self) -> bool:
        """Whether no message waits, and each widget of each screen is ready for messages."""
        if not self._app.screen_stack:
            return True  # the app is ending
        focused = self._app.focused  # a key goes up from there: these are the first to be busy
        if focused is not None and any(map(_has_messages, focused.ancestors_with_self)):
            return False
        return not _has_messages(self._app) and all(
            node.is_mounted and not _has_messages(node)
            for screen in self._app.screen_stack
            for node in screen.walk_children(Widget, with_self=True)
        )


def _has_messages(pump: MessagePump) -> bool:
    # The message that comes next is not in the queue any more; Textual has no public access to it.
    return pump.message_queue_size > 0 or pump._pending_message is not None  # noqa: SLF001
