"""Keys that are typed before Textual is loaded are read as Textual reads them, and only scroll."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from textual import events

from reader.config import Config
from reader.drawing.escape_codes import Colours
from reader.drawing.styles import Styles, TextStyle
from reader.layout.viewport import Viewport
from reader.text.document import Block, Document, Kind, Place
from reader.ui.commands import COMMANDS, PAGE, SCROLLS
from reader.ui.start import early_keys
from reader.ui.start.early_keys import SEQUENCES, EarlyKeys, name_key, obey_keys_during, split_key
from reader.ui.start.first_frame import Frame, Surroundings
from reader.ui.terminal_input import TerminalInput

if TYPE_CHECKING:
    from collections.abc import Mapping

BYTES = [bytes([number]) for number in range(128) if number != 0x1B]
ROWS = 10


class Keyboard:
    """What is typed: a list of packets in the place of a terminal."""

    def __init__(self, *packets: bytes) -> None:
        self._packets = [*packets]

    def read_or_wake(self, _waker: int) -> bytes:
        return self._packets.pop(0) if self._packets else b""


class Shown:
    """A page of a hundred lines in place of the first frame's, and the rows that were shown."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        document = Document()
        document.extend([Block(Kind.PARAGRAPH, f"Line {number}") for number in range(100)])
        self.viewport = Viewport(40)
        self.viewport.show(document, (), (), Place())
        self.viewport.resize(40, ROWS)
        surroundings = Surroundings(Config(), Styles(TextStyle(), None), Colours.NONE, 40, ROWS)
        self.frame = Frame([], surroundings, None, None, lambda _: "", self.viewport, self._draw)
        self.tops: list[int] = []
        """The block at the top of each frame."""
        monkeypatch.setattr(early_keys, "show_rows", lambda _: True)
        monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((40, ROWS)))

    def _draw(self) -> list[str]:
        self.tops.append(self.viewport.scroller.place.block)
        return []

    def type(
        self,
        monkeypatch: pytest.MonkeyPatch,
        *packets: bytes,
        keymap: Mapping[str, str] | None = None,
    ) -> bytes:
        """Type packets of bytes; return what was read for the app."""
        monkeypatch.setattr(early_keys, "EARLY_SCREEN", Keyboard(*packets))
        surroundings = self.frame.surroundings._replace(keymap=keymap or {})
        keys = EarlyKeys(self.frame._replace(surroundings=surroundings))
        while keys.read(0):
            pass
        return keys.typed


def name_as_textual(key: bytes) -> list[str]:
    return [each.key for each in TerminalInput().feed(key) if isinstance(each, events.Key)]


@pytest.mark.parametrize("key", [*SEQUENCES, *BYTES])
def test_a_key_has_the_name_of_textual_or_none(key: bytes) -> None:
    assert name_key(key) in ("", *name_as_textual(key))


def test_each_key_that_scrolls_is_known() -> None:
    typed = {name_key(key) for key in (*SEQUENCES, *BYTES)}
    keys = {key for each in COMMANDS if each.id in SCROLLS for key in each.keys.split(",")}
    assert keys <= typed


def test_commands_that_scroll_are_those_of_the_page() -> None:
    scopes = {command.id: command.scope for command in COMMANDS}
    assert {scopes[command_id] for command_id in SCROLLS} == {PAGE}


@pytest.mark.parametrize(
    ("data", "split"),
    [
        (b"jk", (b"j", b"k")),
        (b"\x1b[6~j", (b"\x1b[6~", b"j")),
        (b"\x1b[6", (b"", b"\x1b[6")),
        (b"\x1b", (b"", b"\x1b")),
        (b"\x1b[Zj", (b"\x1b[Zj", b"")),
    ],
)
def test_a_sequence_is_one_key(data: bytes, split: tuple[bytes, bytes]) -> None:
    assert split_key(data) == split


@pytest.mark.parametrize(
    ("packets", "tops"),
    [
        ([b"j"], [1]),
        ([b"jjjj", b"k"], [2, 2]),
        ([b" ", b" "], [4, 8]),
        ([b"\x1b[", b"6~"], [4]),
        ([b" j", b"2j"], [5]),
        ([b"q", b"j"], []),
        ([b"\x1bj", b"j"], []),
        ([b"\xc3", b"\xa9"], []),
        ([b" " * 60], []),
    ],
    ids=[
        "a line",
        "lines down and up",
        "pages",
        "a sequence in two parts",
        "a count is the app's",
        "after another key nothing scrolls",
        "an escape is no key that scrolls",
        "a character of two bytes",
        "what may be the end is the app's",
    ],
)
def test_the_page_scrolls_and_all_is_read_for_the_app(
    packets: list[bytes], tops: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Shown(monkeypatch)
    assert shown.type(monkeypatch, *packets) == b"".join(packets)
    assert shown.tops == tops


def test_own_keys_scroll_and_others_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown(monkeypatch)
    shown.type(monkeypatch, b"+", b" ", keymap={"page-down": "plus,ctrl+x"})
    assert shown.tops == [4]


def test_nothing_scrolls_in_a_window_of_another_size(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown(monkeypatch)
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((50, ROWS)))
    assert shown.type(monkeypatch, b"j") == b"j"
    assert shown.tops == []


def test_an_error_of_the_import_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown(monkeypatch)
    monkeypatch.setattr(early_keys, "EARLY_SCREEN", Keyboard())

    def fail() -> None:
        raise ImportError("no Textual")

    with pytest.raises(ImportError, match="no Textual"):
        obey_keys_during(fail, shown.frame)


def test_an_error_while_drawing_leaves_the_keys_to_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown(monkeypatch)

    def fail(_rows: object) -> bool:
        raise ValueError("no such cell")

    monkeypatch.setattr(early_keys, "show_rows", fail)
    assert shown.type(monkeypatch, b"j", b"k") == b"jk"
    assert shown.tops == [1]
