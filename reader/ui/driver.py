"""Textual's driver with an input thread that no byte can stop.

Turns the bytes that a terminal sends into messages, and drops what can't be understood.
Sizes come from the system alone and are clamped.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import re
import select
import signal
import time
from threading import Event
from typing import TYPE_CHECKING, Final

from textual import constants, events, messages
from textual._xterm_parser import XTermParser
from textual.app import ScreenError
from textual.drivers.linux_driver import LinuxDriver

from reader.ui.signals import STOP_SIGNALS

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App
    from textual.message import Message
    from textual.message_pump import MessagePump


MOST_COLUMNS: Final = 1000
"""Columns that a window can have; what is said of further ones is not believed."""
MOST_ROWS: Final = 500
"""Rows that a window can have."""
MOST_PASTED: Final = 100_000
"""Characters that are kept of one paste."""
PASTE_SILENCE: Final = 1.0
"""Seconds after which a paste has ended if nothing came but single keys."""
KEYS_SILENCE: Final = 0.1
"""Seconds between two bytes that nobody pasted."""
SEQUENCE_SILENCE: Final = 0.25
"""Seconds without a byte after which a sequence or a reply has ended."""
LONGEST_REPLY: Final = 2.0
"""Seconds after which a reply has ended, even if bytes still come."""
_LONGEST_SEQUENCE: Final = 32
"""Characters; the parser takes longer sequences for keys."""
_MOST_OF_A_KEY: Final = 16
"""Bytes that one key sends at most; who presses keys in vain should not have to stop for it."""
_OLD_MOUSE_BYTES: Final = 3
"""Bytes behind `ESC [ M`: a button, a column and a row, any bytes at all."""

_ESCAPE: Final = "\x1b"
_BEGINS_REPLY: Final = frozenset("]P_^X")
"""Behind an escape they begin the strings of ECMA-48: OSC, DCS, APC, PM and SOS."""
_BEGINS_SEQUENCE: Final = frozenset("[O")
_ENDS_REPLY: Final = frozenset("\a\x18\x1a")
"""Bell, cancel and substitute end a reply; the usual end is an escape and a backslash."""
_OLD_MOUSE: Final = "\x1b[M"
_PASTE_BEGINS: Final = "\x1b[200~"
_PASTE_ENDS: Final = "\x1b[201~"
# The console of Linux sends `ESC [ [ A` for F1.
_WHOLE: Final = re.compile(r"\x1b(?:\[\[[ -~]|(?!\[\[)[\[O][ -?]*[@-~])")
_BEGUN: Final = re.compile(r"\x1b(?:\[\[|[\[O][ -?]*)")
_PASSED_ON: Final = (
    events.Key,
    events.MouseEvent,
    events.AppFocus,
    events.AppBlur,
    messages.TerminalSupportsSynchronizedOutput,
)
"""What the parser may say. Sizes are the system's to tell; other reports were not asked for."""


class TerminalInput:
    """The bytes of one terminal, and what has begun among them and not ended."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # Bytes that are no UTF-8 become one surrogate each, so that they can be counted.
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._parser = XTermParser()
        self._messages: list[Message] = []
        self._held = ""
        """An escape and what came behind it, while more may come."""
        self._held_since = self._last_byte = self._last_part = clock()
        self._after_reply = False
        """The escape that is held may be the first half of a reply's end."""
        self._paste: _Paste | None = None

    def feed(self, data: bytes) -> list[Message]:
        """Return the messages that end in `data`."""
        text = self._decode(data)
        self._last_byte = self._clock()
        if self._paste is None or len(data) > _MOST_OF_A_KEY:
            self._last_part = self._last_byte
        while text:
            text = self._take_keys(text) if self._paste is None else self._take_pasted(text)
        return self._take_messages()

    def wait(self) -> float | None:
        """Return the seconds until `end_wait` has something to do, None if it has nothing."""
        if self._paste is not None:
            ends = max(self._last_part + PASTE_SILENCE, self._last_byte + KEYS_SILENCE)
        elif self._held:
            is_key = len(self._held) <= 2
            ends = self._last_byte + (constants.ESCAPE_DELAY if is_key else SEQUENCE_SILENCE)
        else:
            return None
        return max(0.0, ends - self._clock())

    def end_wait(self) -> list[Message]:
        """Return the messages that end because nothing more has come for long enough.

        To be called only if there is nothing to read: a busy machine can be late to read
        what came in time.
        """
        if self.wait() == 0.0:
            if self._paste is not None:
                self._end_paste(self._paste)
            else:
                self._end_held()
        return self._take_messages()

    def _take_messages(self) -> list[Message]:
        taken, self._messages = self._messages, []
        return taken

    # Keys and sequences ----------------------------------------------------------------

    def _take_keys(self, text: str) -> str:
        """Take characters until a paste begins; return what is left."""
        for number, character in enumerate(text, 1):
            self._take(character)
            if self._paste is not None:
                return text[number:]
        return ""

    def _take(self, character: str) -> None:
        begins = self._held[1:2]
        if begins in _BEGINS_REPLY:
            self._take_in_reply(character)
        elif begins:
            self._take_in_sequence(character)
        elif self._held:
            self._take_after_escape(character)
        elif character == _ESCAPE:
            self._hold_escape()
        else:
            self._parse(character)

    def _hold_escape(self, *, after_reply: bool = False) -> None:
        self._held, self._held_since, self._after_reply = _ESCAPE, self._last_byte, after_reply

    def _take_after_escape(self, character: str) -> None:
        if character == _ESCAPE:
            self._end_held()
            self._hold_escape()
        elif character in _BEGINS_REPLY or character in _BEGINS_SEQUENCE:
            self._held += character
        else:
            self._held = ""
            if not (self._after_reply and character == "\\"):
                self._parse_with_alt(character)

    def _take_in_reply(self, character: str) -> None:
        """Drop a character of a reply; end the reply where it ends or can't go on."""
        if character == _ESCAPE:
            self._hold_escape(after_reply=True)
        elif character in _ENDS_REPLY:
            self._held = ""
        elif character < " " or self._last_byte - self._held_since > LONGEST_REPLY:
            self._held = ""
            self._parse(character)
        else:
            self._held = self._held[:2] + character  # no longer a key with alt

    def _take_in_sequence(self, character: str) -> None:
        held = self._held + character
        if character < " ":
            self._held = ""
            self._take(character)
        elif self._held.startswith(_OLD_MOUSE):
            count = len(held[len(_OLD_MOUSE) :].encode("utf-8", "surrogateescape"))
            self._held = held if count < _OLD_MOUSE_BYTES else ""
        elif held == _OLD_MOUSE or _BEGUN.fullmatch(held):
            self._held = held[: _LONGEST_SEQUENCE + 1]
        elif _WHOLE.fullmatch(held):
            self._held = ""
            self._take_sequence(held)
        else:
            self._held = ""
            self._take(character)

    def _take_sequence(self, sequence: str) -> None:
        if sequence == _PASTE_BEGINS:
            self._paste = _Paste()
        elif len(sequence) <= _LONGEST_SEQUENCE:
            self._parse(sequence)

    def _end_held(self) -> None:
        """End what is held, which is not whole."""
        held, self._held = self._held, ""
        if held == _ESCAPE:
            self._messages.append(events.Key("escape", _ESCAPE))
        elif len(held) == 2:
            self._parse_with_alt(held[1])
        elif held[1] in _BEGINS_SEQUENCE and not held.startswith(_OLD_MOUSE):
            self._parse(held)  # some keys of rxvt have no letter at their end

    # Textual's parser ------------------------------------------------------------------

    def _parse(self, text: str) -> None:
        """Have the parser take one character or one whole sequence, or drop it."""
        parsed = _parsed(self._parser, text)
        if not parsed:  # it may be broken, wait for more, or remember a size that was claimed
            parser = XTermParser()
            parser.last_x, parser.last_y = self._parser.last_x, self._parser.last_y
            self._parser = parser
        self._messages += parsed

    def _parse_with_alt(self, character: str) -> None:
        # The end of all input tells the parser that no sequence follows the escape.
        self._messages += _parsed(XTermParser(), _ESCAPE + character, "")

    # Pastes ----------------------------------------------------------------------------

    def _take_pasted(self, text: str) -> str:
        """Take what is pasted; return what is left behind its end."""
        paste = self._paste or _Paste()
        left = paste.take(text)
        if left is not None:
            self._end_paste(paste)
        return left or ""

    def _end_paste(self, paste: _Paste) -> None:
        self._paste = None
        if text := paste.text():
            self._messages.append(events.Paste(text))


class _Paste:
    """The beginning of what is pasted; the rest is dropped."""

    def __init__(self) -> None:
        self._kept: list[str] = []
        self._free = MOST_PASTED
        self._tail = ""
        """The last characters so far: the end of the paste may have begun among them."""

    def take(self, text: str) -> str | None:
        """Take what is pasted; return what is left behind its end, None while it goes on."""
        pasted, end, left = (self._tail + text).partition(_PASTE_ENDS)
        cut = len(pasted) if end else max(0, len(pasted) - len(_PASTE_ENDS) + 1)
        self._tail = pasted[cut:]
        self._keep(pasted[:cut])
        return left if end else None

    def text(self) -> str:
        """Return what is kept of it, without what no text can hold."""
        self._keep(self._tail)
        return "".join(self._kept).replace("\0", "").encode("utf-8", "ignore").decode()

    def _keep(self, text: str) -> None:
        kept = text[: self._free]
        self._free -= len(kept)
        self._kept.append(kept)


def _parsed(parser: XTermParser, *texts: str) -> list[Message]:
    """Return what `parser` makes of `texts`: nothing, if it fails or if that can't be true."""
    try:
        parsed = [message for text in texts for message in parser.feed(text)]
        return [message for message in parsed if _is_possible(message)]
    except Exception:  # noqa: BLE001  the parser raises many kinds of errors on malformed input
        return []


def _is_possible(message: Message) -> bool:
    if isinstance(message, events.Key):
        return message.character is None or not _has_surrogates(message.character)
    if isinstance(message, events.MouseEvent):
        return 0 <= message.screen_x < MOST_COLUMNS and 0 <= message.screen_y < MOST_ROWS
    return isinstance(message, _PASSED_ON)


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


_CHECK: Final = 0.1
"""Seconds between two looks whether the thread is to end."""
_MOST_READ: Final = 4096
_MOST_WAITING: Final = 200
"""Messages that may wait to be obeyed. The rest waits in the terminal, which takes no memory."""
_PAUSE: Final = 0.005
"""Seconds between two looks at how many messages wait."""


class ReaderDriver(LinuxDriver):
    """The driver of a real terminal."""

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        # Textual's own handlers for these write to the terminal in the middle of anything.
        self._handlers = {number: signal.getsignal(number) for number in STOP_SIGNALS}
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._size = size or self._get_terminal_size()

    def _sigtstp_application(self, *_: object) -> None:
        """Pass on a signal that comes before `__init__` has installed the handlers again."""
        self._pass_on(signal.SIGTSTP)

    def _sigcont_application(self, *_: object) -> None:
        self._pass_on(signal.SIGCONT)

    def _pass_on(self, number: signal.Signals) -> None:
        handler = self._handlers[number]
        if callable(handler):
            handler(number, None)

    def _get_terminal_size(self) -> tuple[int, int]:
        """Return the columns and rows; an impossible size would need all memory to draw."""
        columns, rows = super()._get_terminal_size()
        return min(columns, MOST_COLUMNS), min(rows, MOST_ROWS)

    def _query_in_band_window_resize(self) -> None:
        """Don't ask for sizes among the keys, which anything may claim."""

    def run_input_thread(self) -> None:
        """Read the terminal until the app ends, and send what it says to the app."""
        terminal, sent = TerminalInput(), 0
        while not self.exit_event.is_set():
            wait = terminal.wait()
            seconds = _CHECK if wait is None else min(wait, _CHECK)
            if select.select([self.fileno], [], [], seconds)[0]:
                found = terminal.feed(self._read())
            else:
                found = terminal.end_wait()
            for message in found:
                self.process_message(message)
            sent += len(found)
            if sent > _MOST_WAITING:
                self._wait_for_app()
                sent = 0

    def _read(self) -> bytes:
        """Return what has come; wait a little if the terminal has gone and always has an end."""
        try:
            data = os.read(self.fileno, _MOST_READ)
        except OSError:
            data = b""
        if not data:
            self.exit_event.wait(_CHECK)
        return data

    def _wait_for_app(self) -> None:
        """Wait until the app has obeyed most of what it was sent, or ends."""
        delivered = Event()
        self._loop.call_soon_threadsafe(delivered.set)
        while not delivered.is_set() or self._count_waiting() > _MOST_WAITING:
            if self.exit_event.wait(_PAUSE):
                return

    def _count_waiting(self) -> int:
        """Return how many messages wait for the app and for what has the focus."""
        pumps: list[MessagePump | None] = [self._app]
        with contextlib.suppress(LookupError, ScreenError):  # the app ends meanwhile
            pumps += [self._app.screen, self._app.focused]
        # Textual has no public way to ask; each pump keeps the messages sent to it.
        return sum(pump._message_queue.qsize() for pump in pumps if pump is not None)  # noqa: SLF001
