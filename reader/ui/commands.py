"""The table of all commands: id, keys, help and scope; their bindings and their key table.

This module also defines `InputQueue`, which hands keys and mouse events to the app one at a time,
and tells which sequences of a terminal are keys.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections import deque
from contextlib import ExitStack
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, NamedTuple

from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual.binding import Binding, BindingType
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from textual.app import App
    from textual.message_pump import MessagePump


PAGE, SHELF, SCREEN, APP = "page", "shelf", "screen", "app"
SCOPES: Final = {PAGE: "On the page", SHELF: "On the shelf", SCREEN: "Anywhere", APP: "Anywhere"}


class Command(NamedTuple):
    """One command of the reader."""

    id: str
    keys: str
    """Textual's names of the keys, separated by commas."""
    help: str
    scope: str

    @property
    def action(self) -> str:
        """The action of the scope's widget that runs the command."""
        return self.id.replace("-", "_")


COMMANDS: Final = (
    Command("line-down", "j,down", "Down a line", PAGE),
    Command("line-up", "k,up", "Up a line", PAGE),
    Command("page-down", "space,pagedown,ctrl+f", "Down a screenful, keeping two lines", PAGE),
    Command("page-up", "b,pageup,ctrl+b", "Up a screenful, keeping two lines", PAGE),
    Command("half-down", "d,ctrl+d", "Down half a screenful", PAGE),
    Command("half-up", "u,ctrl+u", "Up half a screenful", PAGE),
    Command("start", "g,home", "Go to the beginning", PAGE),
    Command("end", "G,end", "Go to the end", PAGE),
    Command("next-heading", "right_curly_bracket", "Go to the next heading", PAGE),
    Command("previous-heading", "left_curly_bracket", "Go to the previous heading", PAGE),
    Command("find", "slash", "Find text in the story", SCREEN),
    Command("next-match", "n", "Go to the next match", PAGE),
    Command("previous-match", "N", "Go to the previous match", PAGE),
    Command("contents", "t", "Contents: go to a heading", SCREEN),
    Command("label-links", "f", "Label the links on the screen; type a label to follow its link", PAGE),
    Command("picture", "o", "Open the picture on the screen", PAGE),
    Command("next-link", "tab", "Go to the next link", PAGE),
    Command("previous-link", "shift+tab", "Go to the previous link", PAGE),
    Command("follow", "enter", "Follow the link, or open and close the footnote", PAGE),
    Command("next-paragraph", "J", "Move the paragraph cursor down; your place stays the same", PAGE),
    Command("previous-paragraph", "K", "Move the paragraph cursor up", PAGE),
    Command("next-sentence", "right_parenthesis", "Select the next sentence, to copy or highlight it", PAGE),
    Command("previous-sentence", "left_parenthesis", "Select the previous sentence", PAGE),
    Command("focus-aid", "F", "Dim all but the paragraph at the cursor", PAGE),
    Command("wider", "plus", "Widen the column", PAGE),
    Command("narrower", "minus", "Narrow the column", PAGE),
    Command("preferred-measure", "equals_sign", "Set the column to the configured width", PAGE),
    Command("to-shelf", "escape,h,left", "Clear labels, matches, selection or cursor, or go back to the shelf", PAGE),
    Command("page-alone", "z", "Show the page alone, or with the shelf", SCREEN),
    Command("row-down", "j,down", "Go to the next story", SHELF),
    Command("row-up", "k,up", "Go to the previous story", SHELF),
    Command("rows-down", "pagedown,ctrl+f,space", "Down a screenful of stories", SHELF),
    Command("rows-up", "pageup,ctrl+b,b", "Up a screenful of stories", SHELF),
    Command("first-row", "g,home", "Go to the first story", SHELF),
    Command("last-row", "G,end", "Go to the last story", SHELF),
    Command("to-page", "enter,l,right", "Read the story", SHELF),
    Command("next-story", "right_square_bracket", "Next match, part or story", SCREEN),
    Command("previous-story", "left_square_bracket", "Previous match, part or story", SCREEN),
    Command("back", "ctrl+o", "Go back to where you jumped from", SCREEN),
    Command("forward", "alt+o", "Go forward again", SCREEN),
    Command("toggle-place", "grave_accent", "Typed twice: switch between the last two places", SCREEN),
    Command("copy-paragraph", "y", "Copy the selection, or the paragraph with author and title", SCREEN),
    Command("copy-address", "Y", "Copy the address of the selection or the paragraph", SCREEN),
    Command("highlight", "H", "Highlight the sentence or the selection; again: widen or narrow", SCREEN),
    Command("note", "e", "Write a note on the highlight", SCREEN),
    Command("respond", "r", "Write a response to the story", SCREEN),
    Command("highlights", "Q", "List all highlights, notes and responses", SCREEN),
    Command("history", "R", "List the finished stories", SCREEN),
    Command("mark", "m", "Mark as finished; a finished story as unread", SCREEN),
    Command("undo", "U", "Undo the last mark, highlight, note or response", SCREEN),
    Command("help", "question_mark,f1", "Show this help", SCREEN),
    Command("palette", "ctrl+p", "Find a command or a theme by name", APP),
    Command("suspend", "ctrl+z", "Suspend to the shell; `fg` resumes", APP),
    Command("leave", "q", "Quit; in a dialog, close it", APP),
    Command("quit", "ctrl+q", "Quit, from a dialog too", APP),
    Command("interrupt", "ctrl+c", "Copy the selection and clear it; without one, quit", APP),
)  # fmt: skip

NO_KEY: Final = "no_key"
"""The name of no key, for a command without keys: Textual ignores an empty list of keys."""
_MAX_COUNT: Final = 99_999
"""The largest number that can be typed before a command."""


class Count:
    """A number typed before a command, as in `10j`."""

    def __init__(self) -> None:
        self.number = 0

    def add_digit(self, character: str | None) -> bool:
        """Add a digit; return whether `character` was one. A number does not begin with a zero."""
        digit = character if character and character in "0123456789" else ""
        if not digit or (digit == "0" and not self.number):
            return False
        self.number = min(_MAX_COUNT, self.number * 10 + int(digit))
        return True

    def consume(self) -> int:
        """Return the number, or 1 if none was typed, and reset it."""
        number, self.number = self.number or 1, 0
        return number


_KEY_LABELS: Final = {
    "right_curly_bracket": "}",
    "left_curly_bracket": "{",
    "right_square_bracket": "]",
    "left_square_bracket": "[",
    "right_parenthesis": ")",
    "left_parenthesis": "(",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "slash": "/",
    "grave_accent": "`",
    NO_KEY: "no key",
    "question_mark": "?",
    "escape": "Esc",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "enter": "Enter",
    "space": "Space",
    "home": "Home",
    "end": "End",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "f1": "F1",
}


def make_bindings(scope: str) -> list[BindingType]:
    """Return the bindings of a scope's commands. Each has its command's id, for the key map.

    Those of the app come before the keys of any dialog, except `leave`, which dialogs replace.
    """
    return [
        Binding(
            command.keys,
            command.action,
            command.help,
            id=command.id,
            show=False,
            priority=command.scope == APP and command.id != "leave",
        )
        for command in COMMANDS
        if command.scope == scope
    ]


def format_keys(command: Command, keymap: Mapping[str, str]) -> str:
    """Return a command's keys as a person writes them, separated by spaces."""
    keys = keymap.get(command.id, command.keys).split(",")
    return " ".join(_KEY_LABELS.get(key.strip(), key.strip()) for key in keys)


def format_first_key(command_id: str, keymap: Mapping[str, str]) -> str:
    """Return the first key of a command; empty if it has no key or there is no such command."""
    command = next((command for command in COMMANDS if command.id == command_id), None)
    key = format_keys(command, keymap).partition(" ")[0] if command is not None else ""
    return "" if keymap.get(command_id) == NO_KEY else key


def check_keymap(keymap: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the valid part of a key map, and a warning for each unknown command in it.

    A key that the map gives to one command is removed from the command that has it by default.
    """
    ids = [command.id for command in COMMANDS]
    checked = {name: keys for name, keys in keymap.items() if name in ids}
    assigned = {key.strip() for keys in checked.values() for key in keys.split(",")}
    for command in COMMANDS:
        default = command.keys.split(",")
        remaining = [key for key in default if key not in assigned]
        if command.id not in checked and len(remaining) < len(default):
            checked[command.id] = ",".join(remaining) or NO_KEY
    return checked, [_format_unknown_command(name, ids) for name in keymap if name not in ids]


def _format_unknown_command(name: str, ids: list[str]) -> str:
    similar = get_close_matches(name, ids, 1)
    hint = f"; did you mean '{similar[0]}'?" if similar else "; see the README for the commands"
    return f"config.toml: keys: there is no command '{name}'{hint}"


def format_key_table(commands: Iterable[Command] = COMMANDS) -> str:
    """Return the table of keys in the README, as Markdown."""
    rows = ["| keys | command | id in `[keys]` |", "|---|---|---|"]
    for command in commands:
        keys = " ".join(f"`{key}`" for key in format_keys(command, {}).split())
        rows.append(f"| {keys} | {command.help} | `{command.id}` |")
    return "\n".join(rows)


REPEATABLE: Final = frozenset(
    ("line-down", "line-up", "page-up", "half-down", "half-up", "row-down", "row-up")
)
"""Commands whose key does the same after a count as when it is pressed so many times."""
_UNCOUNTED: Final = 2
"""Repeats of a key that are handed over one by one."""
MAX_WAIT_SECONDS: Final = 2.0
"""Seconds that input waits at most for what comes before it. On a busy machine the first editor
takes half a second to open, and what was typed in the same packet belongs in it."""
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

    def _take(self) -> events.Event:
        """Return the next event; of keys that type text, all that wait, as one paste.

        A terminal without bracketed paste sends a paste as keys, maybe a hundred thousand.
        """
        event = self._events.popleft()
        text = self._get_typed_text(event)
        if not text:
            self._count_repeats(event)
            return event
        pieces = [text]
        while self._events and (text := self._get_typed_text(self._events[0])):
            self._events.popleft()
            pieces.append(text)
        return events.Paste("".join(pieces)) if len(pieces) > 1 else event

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
            while self._is_next(key) and count.number < _MAX_COUNT:
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
        while (self._events or not self._is_app_done()) and time.monotonic() < end:  # noqa: ASYNC110  Textual has no such event
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
        return self._is_app_done() or now - self._wait_began > MAX_WAIT_SECONDS

    def _is_app_done(self) -> bool:
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


_KITTY_KEY: Final = re.compile(
    r"\x1b\[(\d+)(?::(\d*)(?::\d*)?)?"
    r"(?:;(\d*)(?::(\d*))?)?(?:;((?:\d+(?::\d+)*)?))?([u~A-HPQS])"
)
"""Code, shifted code, modifiers, event, text and letter of a key in kitty's keyboard protocol."""
_SHIFT: Final = 1
_LOCKS: Final = 64 | 128
"""Bits of the modifiers in that protocol: caps lock and num lock."""
_PRESSED: Final = ("", "1", "2")
"""Events in that protocol: a key was pressed, or repeats. It was released in a third one."""


def normalize_key(sequence: str) -> str:
    """Return a key of kitty's keyboard protocol as Textual parses it, empty if it was released.

    Textual parses no events and no alternate keys, takes the character from the text only, and
    takes unknown numbers for characters: `ESC [ 113 ~` would be a `q`. Such a sequence is no
    key: it gives the empty string. A sequence of another form is returned unchanged.
    """
    match = _KITTY_KEY.fullmatch(sequence)
    if match is None:
        return "" if ":" in sequence else sequence
    code, shifted, modifiers, event, text, letter = match.groups(default="")
    is_known = letter == "u" or f"{code}{letter}" in FUNCTIONAL_KEYS
    if event not in _PRESSED or not is_known:
        return sequence if sequence in ANSI_SEQUENCES_KEYS else ""
    bits = max(0, int(modifiers or 1) - 1)
    if letter == "u" and not text and not bits & ~(_SHIFT | _LOCKS):
        character = chr(min(sys.maxunicode, int(code)))
        if bits & _SHIFT:
            character = chr(min(sys.maxunicode, int(shifted))) if shifted else character.upper()
        text = str(ord(character)) if len(character) == 1 and character.isprintable() else ""
    return f"\x1b[{code};{modifiers if bits & ~_LOCKS else ''};{text}{letter}"


_REST_OF_SEQUENCE: Final = re.compile(
    r"\x1b(?:\[(?:[?>=<\d][\d;:]*\$?(?:[A-Z~cmntuy]|\Z)|[A-LN-Z])|O[A-Z]|\]\d+\Z|"
    r"\]\d+;(?:[rgba-fA-F\d:;/]*\x1b?\Z|[^\a\x1b]*(?:\a|\x1b\\))|[P_^X][^\x1b]*\x1b\\)"
)
"""The sequences and replies whose rest is recognised. Only reports and colours may still be
incomplete with it: they contain few characters that are keys."""
_LAST_CHARACTER: Final = re.compile(
    r"\x1b(?:\[[?>][\d;$]*[cnuy]|\[\d+;[\d;]*[Rt]|[]P_^X][^\a\x1b]*(?:\a|\x1b\\))"
)
"""The reports and replies of which a single last character is recognised."""


def is_rest_of_sequence(beginning: str, text: str) -> bool:
    """Return whether `text`, read at once, continues a sequence or a reply, and is no keys."""
    pattern = _REST_OF_SEQUENCE.match if len(text) > 1 else _LAST_CHARACTER.fullmatch
    return pattern(beginning + text) is not None
