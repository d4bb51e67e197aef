"""Send random valid keys, mouse reports and sizes to the program, several in one packet.

The program must go on running, and must still obey a key. It may only end by a key that ends
it; then it is started again. `Broken` is raised with the keys if that is not so.
"""

from __future__ import annotations

import contextlib
import os
import time
from random import Random
from typing import TYPE_CHECKING, Final

from pseudo_terminal import PseudoTerminal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

KEYS: Final = {
    "j": 3, "k": 2, " ": 6, "b": 3, "d": 2, "u": 2, "g": 2, "G": 3, "}": 2, "{": 1, "/": 4, "n": 2,
    "N": 1, "t": 4, "f": 3, "o": 2, "\t": 4, "\x1b[Z": 2, "\r": 12, "J": 2, "K": 2, ")": 2, "(": 1,
    "F": 1, "+": 1, "-": 1, "=": 1, "\x1b": 14, "h": 2, "l": 2, "z": 2, "]": 2, "[": 2, "\x0f": 2,
    "\x1bo": 1, "`": 2, "y": 2, "Y": 1, "H": 4, "e": 4, "r": 3, "Q": 5, "R": 4, "m": 3, "U": 3, "?": 4,
    "*": 2, "#": 3, "E": 1, "D": 1, "S": 3, "T": 2, "v": 2, "c": 1, "s": 2, "X": 2, "1": 1, "2": 1, "4": 1, "5": 1,
    "\x1bOP": 2, "\x10": 5, "\x13": 2, "a": 2, "3": 2, "9": 1, "w": 1, "\x7f": 2, "é": 1, "世": 1,
    "\x1b[A": 2, "\x1b[B": 3, "\x1b[C": 1, "\x1b[D": 1, "\x1b[5~": 2, "\x1b[6~": 3, "\x1b[H": 1,
    "\x1b[F": 1, "\x1b[3~": 1, "\x1b[1;2B": 1, "\x1b[1;5C": 1, "\x01": 1, "\x05": 1, "\x0b": 1,
    "\x15": 1, "\x17": 1, "\x06": 1, "\x02": 1, "\x04": 1, "\x0c": 1, "\x1b[200~Some words\x1b[201~": 2,
    "\x1b[O": 1, "\x1b[I": 1, "the": 2, "Theme\r": 1, "q": 0.3, "\x11": 0.05, "\x03": 0.05,
}  # fmt: skip
"""The keys and their weights. Some come as several: words, and a paste."""
INTERRUPT: Final = "\x03"
"""ctrl+c: it ends the program with code 130. Others that end it, such as q, do so with 0."""
QUIT: Final = "\x11"
"""ctrl+q: it ends the program from anywhere."""
PALETTE: Final = "\x10"
"""ctrl+p: it opens the palette from anywhere, or closes it."""
PALETTE_TEXT: Final = b"ommands, th"
"""What the title of the palette shows at any width."""
COLUMNS, ROWS = (20, 200), (5, 60)
"""The smallest and the largest size of the terminal."""
MAX_BURST: Final = 24
"""The most keys sent in one packet."""
KEYS_BETWEEN_CHECKS: Final = 150
"""Keys after which the program must obey a key before more are sent."""
DOUBLE_CHANCE: Final = 0.1
"""How often a key is sent twice."""
MOUSE_CHANCE: Final = 0.1
"""How often a mouse report takes the place of a key."""
RESIZE_CHANCE: Final = 0.2
"""How often a new size follows a packet."""
READ_SECONDS: Final = 0.02
"""Seconds of one read of the output."""
SILENCE_SECONDS: Final = 0.3
"""Seconds without output after which the program has probably handled every key: while many
wait, it draws ten frames a second."""
RETRY_SECONDS: Final = 0.5
"""Seconds until the key of a check is sent again: the first one may have closed the palette."""
HANG_SECONDS: Final = 120.0
"""Seconds after which the program is taken to hang."""
STORIES: Final = {
    "Links.md": "# Links\n\n[Web](https://example.org), [part](#part), [other](Plain.md), a note.[^1]\n\n"
    "![Picture](a.png)\n\n## Part\n\n> Quoted.\n\n```python\nprint(1)\n```\n\n| a | b |\n|---|---|\n"
    "| 1 | 2 |\n\n### Deep\n\n* one\n* two\n\n[^1]: The note.\n",
    "Plain.md": "\n\n".join(f"Paragraph {n} said a few words. And some more." for n in range(400)),
    "Wide.md": "# 世界\n\n" + "\n\n".join("世界は広い。そして深い。" * 9 for _ in range(30)),
    "Parts.md": "\n\n".join(f"## Part {n}\n\n{'Many words here. ' * 60}" for n in range(120)),
    "Empty.md": "",
}


class Broken(AssertionError):
    """The program ended, hung or raised an error."""


class KeyFuzzer:
    """Runs the program on a few stories with random input."""

    def __init__(self, folder: Path, seed: int, *, argv: Sequence[str] = ()) -> None:
        self._random = Random(seed)  # noqa: S311  not for secrets
        self._folder = folder
        self._argv = argv
        self.log: list[str] = []
        """What was sent since the last check but one, each packet by itself."""
        self.key_count = self.start_count = 0
        self._has_interrupted = False
        """The key that ends the program with code 130 was sent to it."""
        self._earlier_output = b""
        """What the program wrote before the last check."""
        folder.mkdir()
        (folder / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        for name, text in STORIES.items():
            (folder / name).write_text(text)

    def run(self, keys: int) -> None:
        """Send so many keys. Raises `Broken`."""
        while self.key_count < keys:
            self.start_count += 1
            with self._start() as terminal:
                self._run_once(terminal, keys)

    def _start(self) -> PseudoTerminal:
        environment = {
            "DISPLAY": "", "WAYLAND_DISPLAY": "", "SSH_CONNECTION": "1", "VISUAL": "true", "EDITOR": "true",
        }  # fmt: skip
        columns, rows = self._choose_size()
        self.log.append(f"start {columns}x{rows}")
        terminal = PseudoTerminal(
            [str(self._folder)],
            columns=columns,
            rows=rows,
            env=environment,
            argv=self._argv,
            draws=False,
        )
        terminal.wait_for_bytes(b"\x1b[?1049h")
        return terminal

    def _run_once(self, terminal: PseudoTerminal, keys: int) -> None:
        """Send keys until enough were sent, or one of them has ended the program."""
        self._has_interrupted = False
        while self.key_count < keys:
            start, checked_at = len(self.log), self.key_count + KEYS_BETWEEN_CHECKS
            while self.key_count < checked_at:
                self._send_burst(terminal)
                if self._random.random() < RESIZE_CHANCE:
                    self._resize(terminal)
            if not self._check(terminal):
                return
            self.log = self.log[start:]
        self._write(terminal, QUIT)
        try:
            code = terminal.wait(HANG_SECONDS)
        except AssertionError as error:
            raise self._make_error(terminal, "it does not end") from error
        self._check_end(terminal, code)

    def _send_burst(self, terminal: PseudoTerminal) -> None:
        inputs = [self._choose_input() for _ in range(self._random.randint(1, MAX_BURST))]
        self.key_count += len(inputs)
        packet = "".join(
            key * (2 if self._random.random() < DOUBLE_CHANCE else 1) for key in inputs
        )
        self._has_interrupted |= INTERRUPT in packet
        self.log.append(packet)
        self._write(terminal, packet)

    def _write(self, terminal: PseudoTerminal, text: str) -> None:
        with contextlib.suppress(OSError):  # if it has ended, the check finds out how
            terminal.write(text.encode())
        while terminal.read(0.0):
            pass

    def _choose_input(self) -> str:
        if self._random.random() < MOUSE_CHANCE:
            return self._choose_mouse_report()
        return self._random.choices([*KEYS], [*KEYS.values()])[0]

    def _choose_mouse_report(self) -> str:
        """Return a click, a double click, a drag, a move or a turn of the wheel."""
        x, y = self._random.randint(1, 90), self._random.randint(1, 30)
        press, release = f"\x1b[<0;{x};{y}M", f"\x1b[<0;{x};{y}m"
        kinds = (
            press + release,
            2 * (press + release),
            press + f"\x1b[<32;{x + 9};{y + 1}M" + release,
            press,
            f"\x1b[<35;{x};{y}M",
            f"\x1b[<64;{x};{y}M",
            f"\x1b[<65;{x};{y}M",
        )
        return self._random.choice(kinds)

    def _choose_size(self) -> tuple[int, int]:
        """Return a size; every third is one of the extremes."""
        if self._random.random() < 0.3:
            return self._random.choice(COLUMNS), self._random.choice(ROWS)
        return self._random.randint(20, 120), self._random.randint(5, 40)

    def _resize(self, terminal: PseudoTerminal) -> None:
        columns, rows = self._choose_size()
        self.log.append(f"{columns}x{rows}")
        terminal.resize(columns, rows)

    def _check(self, terminal: PseudoTerminal) -> bool:
        """Return whether the program runs and obeys a key, False if a key has ended it."""
        deadline = time.monotonic() + HANG_SECONDS
        while terminal.read(SILENCE_SECONDS):
            if time.monotonic() > deadline:
                raise self._make_error(terminal, "it draws without end")
        self._earlier_output = bytes(terminal.output)
        del terminal.output[:]
        while time.monotonic() < deadline:
            self._write(terminal, PALETTE)
            retry_at = time.monotonic() + RETRY_SECONDS
            while time.monotonic() < retry_at:
                terminal.read(READ_SECONDS)
                if PALETTE_TEXT in terminal.output:
                    self.log.append("check")
                    return True
                pid, status = os.waitpid(terminal.pid, os.WNOHANG)
                if pid:
                    terminal.pid = 0
                    self._check_end(terminal, os.waitstatus_to_exitcode(status))
                    return False
        raise self._make_error(terminal, "it hangs")

    def _check_end(self, terminal: PseudoTerminal, code: int) -> None:
        """Raise `Broken` unless a key can have ended the program with this exit code."""
        while terminal.read(READ_SECONDS):
            pass
        if code not in ((0, 130) if self._has_interrupted else (0,)):
            raise self._make_error(terminal, f"exit code {code}")

    def _make_error(self, terminal: PseudoTerminal, what: str) -> Broken:
        output = (self._earlier_output + terminal.output)[-6_000:].decode("utf-8", "replace")
        return Broken(f"{what} after {self.key_count} keys, the last: {self.log}\n{output}")
