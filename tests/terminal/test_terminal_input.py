"""Any bytes may come from the terminal: keys work, the rest is ignored, nothing crashes."""

from __future__ import annotations

import os
import random
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pseudo_terminal import PseudoTerminal
from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser

from reader.ui.terminal_input import MAX_PASTE_CHARACTERS, TerminalInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.message import Message

pytestmark = pytest.mark.pty

CORPUS = [
    line.encode().decode("unicode_escape").encode("latin-1")
    for line in (Path(__file__).parent.parent / "data/hostile-bytes.txt").read_text().split("\n")
    if line and not line.startswith("#")
]
SEED = int(os.environ.get("READER_SEED", "20240229"))
COUNT = int(os.environ.get("READER_BYTES", "400"))
"""Random strings for the parser alone; a fifth as many are sent to the program."""


class InputDriver:
    """Sends bytes to the parser, with a clock that the test moves."""

    def __init__(self) -> None:
        self._now = 0.0
        self._input = TerminalInput(lambda: self._now)
        self.messages: list[Message] = []

    def send(self, *parts: bytes) -> InputDriver:
        for part in parts:
            self.messages += self._input.feed(part)
        return self

    def wait(self, seconds: float = 5.0) -> InputDriver:
        self._now += seconds
        self.messages += self._input.handle_timeout()
        return self

    @property
    def parsed(self) -> list[str]:
        """The messages so far: keys by their names, others by their repr."""
        return [m.key if isinstance(m, events.Key) else repr(m) for m in self.messages]


@pytest.mark.parametrize("hostile", CORPUS, ids=repr)
def test_malformed_input_between_two_keys_is_ignored(hostile: bytes) -> None:
    assert InputDriver().send(b"j", hostile, b"k").parsed == ["j", "k"]


@pytest.mark.parametrize("hostile", CORPUS, ids=repr)
def test_malformed_input_is_ignored_byte_by_byte(hostile: bytes) -> None:
    parts = [bytes([byte]) for byte in b"j" + hostile + b"k"]
    assert InputDriver().send(*parts).parsed == ["j", "k"]


def list_keys_of_textual(sequence: str) -> list[str]:
    """Return the keys that Textual's own parser makes of a sequence."""
    parser = XTermParser()
    messages = [*parser.feed(sequence), *parser.feed("")]
    return [message.key for message in messages if isinstance(message, events.Key)]


def test_every_key_of_textual_is_parsed_as_that_key() -> None:
    keys = {text: list_keys_of_textual(text) for text in ANSI_SEQUENCES_KEYS}
    assert len(keys) > 300
    assert {text: InputDriver().send(text.encode()).wait().parsed for text in keys} == keys


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        ("é漢", ["é", "漢"]),
        ("\x1b[97u", ["a"]),
        ("\x1b[97;5u", ["ctrl+a"]),
        ("\x1b[97;;97u", ["a"]),
        ("\x1b[97;1:1u\x1b[97;1:2u\x1b[97;1:3u", ["a", "a"]),
        ("\x1b[97:65;2u\x1b[97:65:97;2:1u\x1b[97;2u", ["A", "A", "A"]),
        ("\x1b[97:65;6u", ["ctrl+shift+a"]),
        ("\x1b[55::91;1:1u", ["7"]),
        ("\x1b[55:47;2u", ["slash"]),
        ("\x1b[97;65u\x1b[97;133u", ["a", "ctrl+a"]),
        ("\x1b[13;129u\x1b[13;2u", ["enter", "shift+enter"]),
        ("\x1b[1;1:1A\x1b[1;1:3A\x1b[1;5:2A", ["up", "ctrl+up"]),
        ("\x1b[3;1:1~\x1b[5;1:3~\x1b[57421;1:1u", ["delete", "pageup"]),
        ("\x1b[27u", ["escape"]),
        ("\x1b", ["escape"]),
        ("\x1b\x1bj", ["escape", "alt+j"]),
        ("\x1bé", ["alt+é"]),
        ("\x1b[I", ["AppFocus()"]),
        ("\x1b[O", ["AppBlur()"]),
        ("\x1b[?2026;2$y", ["TerminalSupportsSynchronizedOutput()"]),
    ],
)
def test_complete_keys_and_reports_are_parsed(data: str, keys: list[str]) -> None:
    assert InputDriver().send(data.encode()).wait().parsed == keys
    assert InputDriver().send(*(bytes([b]) for b in data.encode())).wait().parsed == keys


def test_a_key_of_the_kitty_protocol_has_its_character() -> None:
    messages = InputDriver().send(b"\x1b[97u\x1b[97:65;2:1u\x1b[97;5u\x1b[13;1:1u").messages
    characters = [message.character for message in messages if isinstance(message, events.Key)]
    assert characters == ["a", "A", None, "\r"]


def test_a_mouse_report_has_the_mouses_cell() -> None:
    (message,) = InputDriver().send(b"\x1b[<0;10;5M").messages
    assert isinstance(message, events.MouseDown)
    assert (message.x, message.y, message.button) == (9, 4, 1)


def test_a_report_of_a_size_in_pixels_does_not_move_the_mouse() -> None:
    typist = InputDriver().send(b"\x1b[48;30;100;0;0t\x1b[48;30;100;600;1000t\x1b[<0;10;5M")
    (message,) = typist.messages
    assert isinstance(message, events.MouseDown)
    assert (message.x, message.y) == (9, 4)


def test_an_escape_waits_for_the_rest_of_a_sequence() -> None:
    assert InputDriver().send(b"\x1b").wait(0.01).send(b"[A").parsed == ["up"]


@pytest.mark.parametrize("incomplete", [b"\x1b[", b"\x1b[1;", b"\x1b[M ", b"\x1b[200", b"\x1bO5"])
def test_an_incomplete_sequence_times_out(incomplete: bytes) -> None:
    assert InputDriver().send(incomplete).wait(1.0).send(b"j").parsed[-1] == "j"


@pytest.mark.parametrize(
    "incomplete", [b"\x1b]11;rgb:", b"\x1bP1$r", b"\x1b_G", b"\x1b^x", b"\x1bXx"]
)
def test_an_incomplete_reply_times_out(incomplete: bytes) -> None:
    assert InputDriver().send(incomplete, b"x" * 100_000).wait(1.0).send(b"j").parsed == ["j"]


def test_a_reply_times_out_although_bytes_keep_coming() -> None:
    typist = InputDriver().send(b"\x1b]11;")
    for _ in range(50):
        typist.send(b"j").wait(0.1)
    assert len(typist.parsed) in range(8, 12)


REPLIES = (
    b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\", b"\x1b]11;rgb:fafa/baba/dada\a", b"\x1b[?62;22c",
    b"\x1b[>41;354;0c", b"\x1b[?2026;2$y", b"\x1b[?0u", b"\x1b[12;40R", b"\x1b[48;30;100;0;0t",
    b"\x1bP>|XTerm(390)\x1b\\", b"\x1bP1$r0m\x1b\\", b"\x1b_Gi=31;OK\x1b\\",
)  # fmt: skip


KEYS_OF_BEGINNINGS = {b"\x1b": ["escape"], b"\x1bP": ["alt+shift+p"]}
"""The beginnings of replies that are keys if nothing follows."""


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.2, 0.5, 2.0, 9.0])
@pytest.mark.parametrize("reply", REPLIES, ids=repr)
def test_a_reply_in_two_parts_is_not_typed(reply: bytes, seconds: float) -> None:
    for at in range(1, len(reply)):
        typist = InputDriver().send(b"j", reply[:at]).wait(seconds).send(reply[at:], b"k")
        keys = [key for key in typist.parsed[1:-1] if not key.startswith("Terminal")]
        assert (typist.parsed[0], typist.parsed[-1]) == ("j", "k"), (reply, at, keys)
        assert keys in ([], KEYS_OF_BEGINNINGS.get(reply[:at])), (reply, at, keys)


@pytest.mark.parametrize("reply", REPLIES, ids=repr)
def test_a_reply_byte_by_byte_is_not_typed(reply: bytes) -> None:
    typist = InputDriver()
    for byte in reply:
        typist.send(bytes([byte])).wait(0.09)
    assert [key for key in typist.parsed if not key.startswith("Terminal")] == []


@pytest.mark.parametrize(
    ("incomplete", "keys"),
    [
        (b"\x1b", b"]"), (b"\x1b", b"["), (b"\x1b", b"jj"), (b"\x1b]11;rgb:ff", b"f"), (b"\x1b]11;rgb:ff", b"jj"),
        (b"\x1b]0;abc", b"jkl"), (b"\x1bP>|XTerm", b"jjj"), (b"\x1b[?62;22", b"j"), (b"\x1b[?62;22", b"jj"),
        (b"\x1b[200~abc", b"c" * 63),
    ],
)  # fmt: skip
def test_keys_after_an_incomplete_reply_are_keys(incomplete: bytes, keys: bytes) -> None:
    names = [
        {"]": "right_square_bracket", "[": "left_square_bracket"}.get(k, k) for k in keys.decode()
    ]
    typist = InputDriver().send(incomplete).wait(1.0)
    before = len(typist.parsed)
    assert typist.send(keys).parsed[before:] == names


def test_an_escape_and_a_bracket_are_not_the_bracket_alone() -> None:
    assert InputDriver().send(b"\x1b[").wait(0.2).send(b"\x1b]").wait(0.2).parsed == []


def test_the_rest_of_a_reply_is_recognised_for_ten_seconds() -> None:
    typist = InputDriver().send(b"\x1b]11;rgb:ff").wait(0.3).wait(10.1)
    assert typist.send(b"ff/").parsed == ["f", "f", "slash"]


@pytest.mark.parametrize("key", [b"\x03", b"\x1b[99;5u"])
def test_ctrl_c_works_within_an_incomplete_reply(key: bytes) -> None:
    assert InputDriver().send(b"\x1b]11;rgb:", key).parsed == ["ctrl+c"]


def test_a_paste_is_one_message_however_its_bytes_come() -> None:
    data = "\x1b[200~qé\r\n\x1b[31m\0漢\x1b[201~j".encode()
    pasted = "Paste(text='qé\\r\\n\\x1b[31m漢')"
    assert InputDriver().send(data).parsed == [pasted, "j"]
    assert InputDriver().send(*(bytes([byte]) for byte in data)).parsed == [pasted, "j"]


def test_an_incomplete_paste_times_out_after_a_second() -> None:
    typist = InputDriver().send(b"\x1b[200~ab", b"c\x1b[20")
    assert typist.wait(0.9).parsed == []
    assert typist.wait(0.2).parsed == ["Paste(text='abc\\x1b[20')"]
    assert typist.send(b"j", b"\x1b[201~", b"k").parsed[1:] == ["j", "k"]


def test_single_keys_do_not_prolong_an_incomplete_paste() -> None:
    typist = InputDriver().send(b"\x1b[200~abc")
    for _ in range(9):
        typist.send(b"j").wait(0.3)
    assert typist.parsed == ["Paste(text='abcjjjj')", *"jjjjj"]


def test_the_mouse_does_not_prolong_an_incomplete_paste() -> None:
    typist = InputDriver().send(b"\x1b[200~abc")
    for _ in range(20):
        typist.send(b"\x1b[<35;10;5M\x1b[<35;11;5M").wait(0.2)
    assert typist.parsed[-1].startswith("MouseMove")


@pytest.mark.parametrize("rest", [b"q" * 64, b"q\x1b[201~"])
def test_the_rest_of_a_paste_that_was_interrupted_is_no_keys(rest: bytes) -> None:
    typist = InputDriver().send(b"\x1b[200~abc").wait(2.0).send(rest).wait(1.0)
    pasted = rest.decode().partition("\x1b")[0]
    assert typist.parsed == ["Paste(text='abc')", f"Paste(text='{pasted}')"]


def test_a_slow_paste_is_not_taken_for_keys() -> None:
    typist = InputDriver().send(b"\x1b[200~")
    for _ in range(200):
        typist.send(b"q").wait(0.05)
    assert typist.send(b"\x1b[201~").parsed == [f"Paste(text='{'q' * 200}')"]


def test_a_large_paste_is_cut_and_keys_after_it_work() -> None:
    data = b"\x1b[200~" + b"x\xff" * MAX_PASTE_CHARACTERS + b"\x1b[201~j"
    paste, key = (
        InputDriver().send(*(data[at : at + 4096] for at in range(0, len(data), 4096))).messages
    )
    assert isinstance(paste, events.Paste)
    assert isinstance(key, events.Key)
    assert paste.text == "x" * (MAX_PASTE_CHARACTERS // 2)
    assert key.key == "j"


PIECES = (
    b"\x1b", b"\x1b[", b"\x1b]", b"\x1bP", b"\x1bO", b"\x1b_", b"\x1b[M", b"\x1b[<", b"\x1b[?",
    b"\x1b[200~", b"\x1b[201~", b"\x1b[48;", b"\x1b\\", b";", b":", b"::", b"-", b"<", b"$", b"M",
    b"m", b"u", b"t", b"R", b"H", b"A", b"~", b"c", b"y", b"\a", b"\x18", b"\0", b"\x7f", b"\x9b",
    b"\xc3", b"\xe9", b"\xff", b"\xed\xa0\x80", "漢é".encode(), b"0", b"1", b"97", b"2026;2$y",
    b"2048;2$y", b"11;rgb:ffff/", b"1114112", b"55296", b"9223372036854775808", b"1" * 40, b"1e9",
)  # fmt: skip


def hostile_strings(seed: int) -> Iterator[bytes]:
    """Yield random strings without end: pieces of sequences, changed corpus strings, and noise."""
    rng = random.Random(seed)  # noqa: S311  the same strings each time
    while True:
        kind = rng.random()
        if kind < 0.5:
            yield b"".join(rng.choices(PIECES, k=rng.randint(1, 12)))
        elif kind < 0.8:
            case = bytearray(rng.choice(CORPUS))
            for _ in range(rng.randint(1, 3)):
                at = rng.randrange(len(case) + 1)
                case[at : at + rng.randint(0, 2)] = rng.choice(PIECES)
            yield bytes(case)
        else:
            yield rng.randbytes(rng.randint(1, 60))


def test_keys_work_after_random_bytes() -> None:
    rng = random.Random(SEED)  # noqa: S311  the same parts each time
    for number, hostile in zip(range(COUNT), hostile_strings(SEED), strict=False):
        parts = [hostile[at:end] for at, end in split_range(len(hostile), rng)]
        in_parts = InputDriver().send(b"j", *parts).wait().send(b"k")
        whole = InputDriver().send(b"j", hostile).wait().send(b"k")
        message = f"READER_SEED={SEED}, string {number}: {hostile!r}"
        assert whole.parsed[0] == "j", message
        assert whole.parsed[-1] == "k", message
        assert in_parts.parsed == whole.parsed, message


def split_range(length: int, rng: random.Random) -> list[tuple[int, int]]:
    """Return the bounds of up to four random parts of so many bytes."""
    at = sorted({0, length, *(rng.randrange(length) for _ in range(3))})
    return list(pairwise(at))


CANCEL = b"\x18"
"""Cancels any incomplete sequence; as a key it does nothing."""


@pytest.fixture
def long_story(indexed_home: Path, write: Callable[[str, str], Path]) -> str:
    """Return a story that is much longer than the screen."""
    return str(write("long.md", "# Long\n\n" + "\n\n".join(f"Sentence {n}." for n in range(300))))


def check_keys(terminal: PseudoTerminal) -> None:
    """Go to the end and back to the beginning; press the keys as often as needed."""
    for key, words in (("G", "Sentence 299."), ("g", "Sentence 0.")):
        for _ in range(30):
            terminal.write(key.encode())
            terminal.settle(0.3)
            if words in terminal.text:
                break
        else:
            raise AssertionError(f"{key} does nothing:\n{terminal.text}")


def has_no_effect(hostile: bytes) -> bool:
    return set(InputDriver().send(hostile, CANCEL).wait().parsed) <= {"ctrl+x"}


def test_the_program_ignores_malformed_input_and_handles_keys(long_story: str) -> None:
    strings = (hostile for hostile in hostile_strings(SEED) if has_no_effect(hostile))
    batch = [*CORPUS, *(next(strings) for _ in range(COUNT // 5))]
    with PseudoTerminal([long_story]) as terminal:
        terminal.wait_for("Sentence 0.")
        for at in range(0, len(batch), 100):
            hostile = [data for data in batch[at : at + 100] if has_no_effect(data)]
            for data in hostile:
                terminal.write(data + CANCEL)
                terminal.read(0)
            check_keys(terminal)
        terminal.write(b"q")
        assert terminal.wait() == 0, f"READER_SEED={SEED}"


def test_the_program_handles_keys_after_incomplete_input(long_story: str) -> None:
    with PseudoTerminal([long_story]) as terminal:
        terminal.wait_for("Sentence 0.")
        for incomplete in (
            b"\x1b[200~abc",
            b"\x1b]11;rgb:",
            b"\x1bP1$r",
            b"\x1b[1;",
            b"\x1b[M ",
            b"\xe9",
        ):
            terminal.write(incomplete)
            check_keys(terminal)
        terminal.write(b"q")
        assert terminal.wait() == 0


class SlowTerminal(PseudoTerminal):
    """A terminal that answers the query for its background late: the test sends the rest."""

    def _reply(self, data: bytes) -> None:
        if b"\x1b]11;?" in data:  # a key was typed before, and the answer is split
            self.write(b"G\x1b]11;rgb:1e")


def test_an_answer_that_comes_late_and_in_parts_is_not_typed(long_story: str) -> None:
    with SlowTerminal([long_story]) as terminal:
        terminal.wait_for("Sentence 299.")
        terminal.settle()
        page = terminal.lines[:-1]
        answer = b"1e/1e1e/2e2e\x1b\\"
        for part in (
            answer,
            b"\x1b]11;rg",
            b"b:1e" + answer,
            b"\x1b[?6",
            b"2;22c",
            b"\x1bP>|X",
            b"T\x1b\\",
        ):
            terminal.write(part)
            terminal.settle(0.4)
        assert terminal.lines[:-1] == page
        check_keys(terminal)
        terminal.write(b"q")
        assert terminal.wait() == 0


def test_the_modes_are_restored_where_sizes_can_be_reported_in_the_input(long_story: str) -> None:
    with PseudoTerminal([long_story]) as terminal:
        terminal.wait_for("Sentence 0.")
        terminal.write(b"\x1b[?2048;2$y\x1b[48;9;40;0;0t\x1b[?1016;2$y")
        check_keys(terminal)
        terminal.write(b"q")
        assert terminal.wait() == 0
        assert terminal.list_unrestored() == set()
        assert b"2048h" not in terminal.output
        assert b"1016h" not in terminal.output


def test_the_program_handles_keys_after_a_paste_of_twice_what_is_kept(long_story: str) -> None:
    with PseudoTerminal([long_story]) as terminal:
        terminal.wait_for("Sentence 0.")
        terminal.write(b"\x1b[200~")
        for _ in range(2 * MAX_PASTE_CHARACTERS // 4_000):
            terminal.write(b"word " * 800)
            terminal.read(0)
        terminal.write(b"\x1b[201~")
        check_keys(terminal)
        terminal.write(b"q")
        assert terminal.wait() == 0


def test_a_terminal_of_an_impossible_size_is_drawn_in_part(long_story: str) -> None:
    with PseudoTerminal([long_story], columns=60_000, rows=60_000, draws=False) as terminal:
        terminal.wait_for_bytes(b"Sentence 0.")
        terminal.settle(1.0)
        terminal.write(b"q")
        assert terminal.wait() == 0


FAILURES = {
    "in the input thread": "reader.ui.driver.TerminalInput.feed = lambda *_: 1 / 0",
    "after quitting": (
        "app = reader.ui.app.ReaderApp; end = app._quit\n"
        "app._quit = lambda self, code: (end(self, code), self.panic('failed'))"
    ),
    "before quitting": (
        "app = reader.ui.app.ReaderApp; end = app._quit\n"
        "app._quit = lambda self, code: (self._handle_exception(ValueError()), end(self, code))"
    ),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_an_error_that_ends_the_program_gives_exit_code_1(failure: str, long_story: str) -> None:
    source = f"import reader.ui.app, sys; from reader.cli.main import main\n{FAILURES[failure]}\nsys.exit(main())"
    with PseudoTerminal([long_story], source=source) as terminal:
        terminal.wait_for_bytes(b"Sentence 0.")
        terminal.write(b"q")
        assert terminal.wait() == 1
