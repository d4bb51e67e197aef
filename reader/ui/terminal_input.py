"""The terminal's bytes as messages of Textual.

What is malformed, or not understood, is dropped: no byte can end the input thread.
"""

from __future__ import annotations

import codecs
import re
import sys
import time
from typing import TYPE_CHECKING, Final

from textual import constants, events, messages
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual._xterm_parser import XTermParser

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message import Message


MAX_COLUMNS: Final = 1000
"""Columns of the largest terminal that is drawn. Larger sizes are clamped."""
MAX_ROWS: Final = 500
"""Rows of the largest terminal that is drawn."""
MAX_PASTE_CHARACTERS: Final = 1_000_000
"""Characters of a paste, which may be the text of a page. The rest is dropped."""
PASTE_TIMEOUT_SECONDS: Final = 1.0
"""Seconds in which only single keys come until a paste ends. A lost packet is sent again in one
second (RFC 6298)."""
KEY_TIMEOUT_SECONDS: Final = 0.1
"""Seconds without a byte after which a paste is not being sent any more."""
SEQUENCE_TIMEOUT_SECONDS: Final = 0.25
"""Seconds without a byte after which keys are no longer taken for a part of a sequence."""
MAX_REPLY_SECONDS: Final = 4.0
"""Seconds after which a reply has ended, even if bytes still come."""
LATE_SECONDS: Final = 10.0
"""Seconds after a timeout in which the rest of a sequence, a reply or a paste is recognised."""
_MAX_SEQUENCE: Final = 32
"""Characters of a sequence. Textual's parser takes longer ones for keys."""
_MAX_REPLY: Final = 64
"""Characters of a reply that are held. The replies whose rest may come late are shorter."""
_MAX_KEY_BYTES: Final = 16
"""Bytes that one key sends at most. A paste without end ends although keys are pressed, or the
mouse is moved."""
_MIN_LATE_PASTE: Final = 64
"""Characters read at once that are no keys, but the rest of a paste that was interrupted."""

# Control strings and sequences are those of ECMA-48.
_ESCAPE: Final = "\x1b"
_REPLY_STARTS: Final = frozenset("]P_^X")
_SEQUENCE_STARTS: Final = frozenset("[O")
"""What starts a control string (OSC, DCS, APC, PM, SOS) or a sequence after an escape."""
_REPLY_ENDS: Final = frozenset("\a\x18\x1a")
"""Bell, cancel and substitute end a control string. Usually an escape and a backslash do."""
_X10_MOUSE: Final = "\x1b[M"
_PASTE_START: Final = "\x1b[200~"
_PASTE_END: Final = "\x1b[201~"
# The console of Linux sends `ESC [ [ A` for F1.
_COMPLETE_SEQUENCE: Final = re.compile(r"\x1b(?:\[\[[ -~]|(?!\[\[)[\[O][ -?]*[@-~])")
_PARTIAL_SEQUENCE: Final = re.compile(r"\x1b(?:\[\[|[\[O][ -?]*)")
_ALLOWED_MESSAGES: Final = (
    events.Key,
    events.MouseEvent,
    events.AppFocus,
    events.AppBlur,
    messages.TerminalSupportsSynchronizedOutput,
)
"""The messages that are passed on. Sizes are taken from the system, not from the input."""
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


class TerminalInput:
    """Parses one terminal's bytes, and holds a sequence, a reply or a paste that has not ended.

    A reply is a control string (OSC, DCS, APC, PM or SOS): the terminal answers a question that
    the app didn't ask. It is dropped. All that is held times out soon, so that keys work, but
    its rest is recognised for a while: keys that are read at once don't look like it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # Bytes that are not UTF-8 become one surrogate each, so that they can be counted.
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._parser = XTermParser()
        self._messages: list[Message] = []
        self._held = ""
        """An escape and the characters after it, while more may come."""
        self._late = ""
        """What was held last when it timed out."""
        self._held_since = self._last_byte_at = self._last_paste_at = self._late_since = clock()
        self._paste: str | None = None

    def feed(self, data: bytes) -> list[Message]:
        """Return the messages that are complete with `data`."""
        text = self._decode(data)
        self._last_byte_at = self._clock()
        if self._paste is None or (len(data) > _MAX_KEY_BYTES and data[:2] != b"\x1b["):
            self._last_paste_at = self._last_byte_at
        if self._is_rest(text):
            text, self._late = self._late + text, ""
        while text:
            text = self._parse_keys(text) if self._paste is None else self._parse_paste(text)
        return self._take_messages()

    def _is_rest(self, text: str) -> bool:
        """Return whether `text` is the rest of what timed out; keys are not read like that."""
        is_late = self._clock() - self._late_since <= LATE_SECONDS
        if not is_late or self._held or self._paste is not None:
            return False
        if self._late == _PASTE_START:
            is_long = len(text) >= _MIN_LATE_PASTE and not text.startswith(_ESCAPE)
            return is_long or _PASTE_END in text
        return is_rest_of_sequence(self._late, text)

    def get_timeout(self) -> float | None:
        """Return the seconds until `handle_timeout` is due, None if nothing is held."""
        if self._paste is not None:
            ends_at = max(
                self._last_paste_at + PASTE_TIMEOUT_SECONDS,
                self._last_byte_at + KEY_TIMEOUT_SECONDS,
            )
        elif self._held:
            is_key = len(self._held) <= 2
            timeout = constants.ESCAPE_DELAY if is_key else SEQUENCE_TIMEOUT_SECONDS
            ends_at = self._last_byte_at + timeout
        else:
            return None
        return max(0.0, ends_at - self._clock())

    def handle_timeout(self) -> list[Message]:
        """Return the messages that are complete because nothing more has come in time.

        Call it only if there is nothing to read: on a busy machine bytes that came in time may
        be read late.
        """
        if self.get_timeout() == 0.0:
            self._late, self._late_since = self._held or _PASTE_START, self._clock()
            if self._paste is not None:
                self._end_paste(self._paste)
            else:
                self._end_held()
        return self._take_messages()

    def _take_messages(self) -> list[Message]:
        messages, self._messages = self._messages, []
        return messages

    def _parse_keys(self, text: str) -> str:
        """Parse characters until a paste begins; return the rest."""
        for end, character in enumerate(text, 1):
            self._parse_character(character)
            if self._paste is not None:
                return text[end:]
        return ""

    def _parse_character(self, character: str) -> None:
        start = self._held[1:2]
        if start in _REPLY_STARTS:
            self._parse_in_reply(character)
        elif start:
            self._parse_in_sequence(character)
        elif self._held:
            self._parse_after_escape(character)
        elif character == _ESCAPE:
            self._held, self._held_since = _ESCAPE, self._last_byte_at
        else:
            self._add_messages(character)

    def _parse_after_escape(self, character: str) -> None:
        if character == _ESCAPE:
            self._end_held()
            self._parse_character(character)
        elif character in _REPLY_STARTS or character in _SEQUENCE_STARTS:
            self._held += character
        else:
            self._held = ""
            if character != "\\":  # the end of a reply that was dropped
                self._add_alt_key(character)

    def _parse_in_reply(self, character: str) -> None:
        """Drop a character of a reply; end the reply at its end, or if it takes too long."""
        if self._held.endswith(_ESCAPE):
            self._held = ""
            if character != "\\":
                self._parse_character(_ESCAPE)
                self._parse_character(character)
        elif character in _REPLY_ENDS:
            self._held = ""
        elif character == _ESCAPE or (
            character >= " " and self._last_byte_at - self._held_since <= MAX_REPLY_SECONDS
        ):
            self._held = self._held[:_MAX_REPLY] + character
        else:
            self._held = ""
            self._add_messages(character)

    def _parse_in_sequence(self, character: str) -> None:
        held = self._held + character
        if character < " ":
            self._held = ""
            self._parse_character(character)
        elif self._held.startswith(_X10_MOUSE):
            count = len(held[len(_X10_MOUSE) :].encode("utf-8", "surrogateescape"))
            self._held = held if count < 3 else ""  # button, column and row, with any values
        elif held == _X10_MOUSE or _PARTIAL_SEQUENCE.fullmatch(held):
            self._held = held[: _MAX_SEQUENCE + 1]
        elif _COMPLETE_SEQUENCE.fullmatch(held):
            self._held = ""
            self._add_sequence(held)
        else:
            self._held = ""
            self._parse_character(character)

    def _add_sequence(self, sequence: str) -> None:
        if sequence == _PASTE_START:
            self._paste = ""
        elif len(sequence) <= _MAX_SEQUENCE and (key := normalize_key(sequence)):
            self._add_messages(key)

    def _end_held(self) -> None:
        """End an incomplete sequence or reply: add it as a key, or drop it."""
        held, self._held = self._held, ""
        if held == _ESCAPE:
            self._messages.append(events.Key("escape", _ESCAPE))
        elif len(held) == 2 and held[1].isalpha():  # alt and a bracket would be the bracket alone
            self._add_alt_key(held[1])
        elif len(held) > 2 and held[1] in _SEQUENCE_STARTS and not held.startswith(_X10_MOUSE):
            self._add_messages(held)  # some keys of rxvt have no letter at their end

    def _add_messages(self, text: str) -> None:
        """Add what Textual's parser makes of one character or one complete sequence."""
        parsed = _run_parser(self._parser, text)
        if not parsed:  # it may be broken, wait for more, or have stored a reported size
            parser = XTermParser()
            parser.last_x, parser.last_y = self._parser.last_x, self._parser.last_y
            self._parser = parser
        self._messages += parsed

    def _add_alt_key(self, character: str) -> None:
        # The empty string is the end of input: no sequence follows the escape.
        self._messages += _run_parser(XTermParser(), _ESCAPE + character, "")

    def _parse_paste(self, text: str) -> str:
        """Add `text` to the paste; return the rest after the paste's end."""
        paste, end, rest = ((self._paste or "") + text).partition(_PASTE_END)
        if end:
            self._end_paste(paste)
        elif len(paste) <= MAX_PASTE_CHARACTERS:
            self._paste = paste
        else:  # the last characters may be the beginning of the paste's end
            self._paste = f"{paste[:MAX_PASTE_CHARACTERS]}\0{paste[1 - len(_PASTE_END) :]}"
        return rest

    def _end_paste(self, paste: str) -> None:
        """Add the paste, without null characters and bytes that are not UTF-8."""
        self._paste = None
        text = paste[:MAX_PASTE_CHARACTERS].replace("\0", "").encode("utf-8", "ignore").decode()
        if text:
            self._messages.append(events.Paste(text))


def _run_parser(parser: XTermParser, *texts: str) -> list[Message]:
    """Return the plausible messages that `parser` makes of `texts`; none if it fails."""
    try:
        parsed = [message for text in texts for message in parser.feed(text)]
        return [message for message in parsed if _is_plausible(message)]
    except Exception:  # noqa: BLE001  the parser raises many kinds of errors on malformed input
        return []


def _is_plausible(message: Message) -> bool:
    if isinstance(message, events.Key):
        return not any("\ud800" <= character <= "\udfff" for character in message.character or "")
    if isinstance(message, events.MouseEvent):
        return 0 <= message.screen_x < MAX_COLUMNS and 0 <= message.screen_y < MAX_ROWS
    return isinstance(message, _ALLOWED_MESSAGES)
