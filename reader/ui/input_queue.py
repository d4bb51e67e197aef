"""Hand keys, mouse events and pastes to the app one at a time, in their order."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from textual import events
from textual.widget import Widget

from reader.ui.commands import MAX_COUNT, Count
from reader.ui.dialogs import Dialog
from reader.ui.keys import find_latin_key, get_typed_character

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import App
    from textual.message_pump import MessagePump


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
