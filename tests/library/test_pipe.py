"""A pipe is read in a thread: what has come so far is there before its end."""

from __future__ import annotations

import os

import pytest

from reader.library.pipe import Pipe


class Writer:
    """The writing end of a pipe that a `Pipe` reads."""

    def __init__(self, max_bytes: int = 1_000) -> None:
        reading, self.handle = os.pipe()
        self.pipe = Pipe(reading, max_bytes)
        os.close(reading)

    def write(self, data: bytes) -> None:
        """Write, and wait until the pipe has it."""
        before = len(self.pipe)
        os.write(self.handle, data)
        while len(self.pipe) == before and not self.pipe.is_ended:
            self.pipe.wait_for_end(0.001)

    def close(self) -> None:
        """End the pipe, and wait until that is known."""
        os.close(self.handle)
        assert self.pipe.wait_for_end(60)


@pytest.mark.parametrize(
    ("written", "with_tail", "without_tail"),
    [
        (b"One.\n\nTwo", b"One.\n\nTwo", b"One.\n\n"),
        (b"One.", b"One.", b"One."),
        ("Café".encode()[:-1], b"Caf", b"Caf"),
        ("Café".encode(), "Café".encode(), "Café".encode()),
        ("a\n\n漢".encode()[:-1], b"a\n\n", b"a\n\n"),
        ("\ufeffab".encode("utf-16-le")[:-1], "\ufeffa".encode("utf-16-le"), b"\xff\xfea\0"),
        (b"", b"", b""),
    ],
)
def test_what_has_come_so_far_ends_with_a_whole_character_or_paragraph(
    written: bytes, with_tail: bytes, without_tail: bytes
) -> None:
    writer = Writer()
    if written:
        writer.write(written)
    assert writer.pipe.read() == with_tail
    assert writer.pipe.read(has_tail=False) == without_tail
    writer.close()
    assert writer.pipe.read(has_tail=False) == written


def test_a_pipe_that_brings_too_much_is_closed() -> None:
    writer = Writer(max_bytes=10)
    writer.write(b"123456789")
    assert not writer.pipe.is_too_large
    writer.write(b"abc")
    assert writer.pipe.wait_for_end(60)
    assert (writer.pipe.read(), writer.pipe.is_too_large) == (b"123456789a", True)
    with pytest.raises(BrokenPipeError):
        os.write(writer.handle, b"d")
    os.close(writer.handle)


def test_a_pipe_that_cannot_be_read_says_why() -> None:
    reading, writing = os.pipe()
    pipe = Pipe(writing)
    assert pipe.wait_for_end(60)
    assert (pipe.failure, pipe.is_too_large) == ("Bad file descriptor", False)
    os.close(reading)
    os.close(writing)
