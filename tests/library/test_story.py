"""A story's file is read safely and decoded, and gives the story its id and metadata."""

from __future__ import annotations

import os
import re
import signal
import socket
import tracemalloc
from datetime import date
from pathlib import Path, PosixPath
from typing import TYPE_CHECKING

import pytest
from unprivileged import give_to_unprivileged, make_unprivileged_folder, run_unprivileged

from reader.errors import UnreadableFile
from reader.library.describing import describe_file, describe_head, make_story_id
from reader.library.files import find_file, guess_date, guess_title, read_bytes
from reader.library.source.encodings import decode_text
from reader.library.story import Story, read_source
from reader.markdown.parser import parse
from reader.session.jobs import describe_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Write = Callable[[str, str | bytes], Path]

NOWHERE = Path("some.md")


@pytest.fixture(autouse=True)
def time_limit() -> Iterator[None]:
    """End a test that waits for the writer of a FIFO."""
    signal.alarm(30)
    yield
    signal.alarm(0)


def get_error(path: Path) -> str:
    """Return why `path` can't be read."""
    with pytest.raises(UnreadableFile) as error:
        read_source(path)
    return str(error.value).removeprefix(f"{path}: ")


def test_a_fifo_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    assert get_error(tmp_path / "pipe.md") == "not a regular file, so it is not opened"


def test_a_file_replaced_by_a_fifo_is_refused(tmp_path: Path) -> None:
    class Swapped(PosixPath):
        def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
            return Path(__file__).stat(follow_symlinks=follow_symlinks)

    os.mkfifo(tmp_path / "pipe.md")
    assert get_error(Swapped(tmp_path / "pipe.md")) == "not a regular file, so it is not opened"


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's name must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("talk.md")
        assert get_error(tmp_path / "talk.md") == "not a regular file, so it is not opened"


def test_a_folder_is_refused_as_a_folder(tmp_path: Path) -> None:
    (tmp_path / "folder.md").mkdir()
    assert get_error(tmp_path / "folder.md") == "this is a folder"


def test_a_link_to_an_endless_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "zero.md").symlink_to("/dev/zero")
    assert get_error(tmp_path / "zero.md") == "not a regular file, so it is not opened"


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="Linux alone has it")
def test_the_memory_of_a_process_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mem.md").symlink_to("/proc/self/mem")
    assert get_error(tmp_path / "mem.md") == "input/output error"


def test_a_broken_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gone.md").symlink_to("nothing.md")
    assert get_error(tmp_path / "gone.md") == "there is no such file"


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop.md").symlink_to("loop.md")
    assert get_error(tmp_path / "loop.md") == "its links lead in a circle"


def test_a_name_with_a_nul_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="not a valid file name"):
        read_source(tmp_path / "a\0b.md")


def test_a_name_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="the name is too long"):
        read_source(tmp_path / ("x" * 300))


def test_a_sparse_file_of_a_gigabyte_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "sparse.md").open("wb") as file:
        file.truncate(1 << 30)
    tracemalloc.start()
    assert get_error(tmp_path / "sparse.md") == "larger than 64 MB, so it is not opened"
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_a_forbidden_file_is_refused() -> None:
    with make_unprivileged_folder() as folder:
        path = folder / "secret.md"
        path.write_text("secret")
        give_to_unprivileged(path)
        path.chmod(0)
        output = run_unprivileged(
            """
from reader.library.story import read_source
try:
    read_source(pathlib.Path(sys.argv[1]))
except reader.errors.UnreadableFile as error:
    print(error)
""",
            path,
        )
    assert output == f"{path}: you may not read it; check its permissions"


def test_an_error_names_the_file_in_one_sanitised_line(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m\nb.md"
    with pytest.raises(UnreadableFile) as error:
        read_source(path)
    assert str(error.value) == f"{tmp_path}/a\ufffd[31m b.md: there is no such file"


def test_an_ordinary_file_is_read_whole(write: Write) -> None:
    assert read_bytes(write("a.md", b"one\ntwo")) == b"one\ntwo"


DECODED: dict[str, tuple[bytes, str]] = {
    "plain": (b"# One\n\ntwo\n", "# One\n\ntwo\n"),
    "empty": (b"", ""),
    "UTF-8 mark": (b"\xef\xbb\xbf# One", "# One"),
    "CRLF": (b"one\r\ntwo\r\n", "one\ntwo\n"),
    "CR": (b"one\rtwo\r", "one\ntwo\n"),
    "mixed ends": (b"one\r\ntwo\nthree\rfour", "one\ntwo\nthree\nfour"),
    "UTF-16 little": ("\ufeffone\u00e9\r\n".encode("utf-16-le"), "one\u00e9\n"),
    "UTF-16 big": ("\ufeffone\u00e9".encode("utf-16-be"), "one\u00e9"),
    "UTF-16 cut in half": ("\ufeffone two three".encode("utf-16-le") + b"x", "one two three\ufffd"),
    "UTF-32": ("\ufeffone".encode("utf-32-le"), "one"),
    "a byte that no text has": (b"a longer line with \xff in it", "a longer line with \ufffd in it"),
    "a cut sequence at the end": (b"a longer line with \xe2\x82", "a longer line with \ufffd"),
    "a surrogate in UTF-8": (b"a long enough sentence, then \xed\xa0\x80, and on it goes, on and on",
                            "a long enough sentence, then \ufffd\ufffd\ufffd, and on it goes, on and on"),
}  # fmt: skip


@pytest.mark.parametrize("case", DECODED)
def test_bytes_become_text(case: str) -> None:
    data, text = DECODED[case]
    assert decode_text(data, NOWHERE).text == text


BINARY = {
    "a picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\x08\6\0\0\0\\r\xa8f",
    "an executable": b"\x7fELF\2\1\1" + b"\0" * 200 + b"\xff\xfe\xfd" * 20,
}


@pytest.mark.parametrize("case", BINARY)
def test_binary_data_is_refused(case: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        decode_text(BINARY[case], NOWHERE)
    assert str(error.value) == "some.md: not text (or not in UTF-8)"


def test_front_matter_may_follow_a_byte_order_mark_and_have_crlf(write: Write) -> None:
    source = read_source(write("a.md", b"\xef\xbb\xbf---\r\ntitle: One\r\n---\r\nBody\r\n"))
    assert (source.front_matter.title, source.body) == ("One", "\nBody\n")


def test_an_id_is_twelve_hex_digits(write: Write) -> None:
    assert re.fullmatch("[0-9a-f]{12}", make_story_id(write("a.md", "text")))


def test_an_id_is_the_same_by_relative_and_absolute_path(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a.md", "text")
    monkeypatch.chdir(path.parent)
    assert (
        make_story_id(Path("a.md"))
        == make_story_id(path)
        == make_story_id(Path("../stories/./a.md"))
    )


def test_an_id_is_the_same_through_a_linked_folder(write: Write, tmp_path: Path) -> None:
    path = write("a.md", "text")
    (tmp_path / "link").symlink_to("stories")
    assert make_story_id(tmp_path / "link" / "a.md") == make_story_id(path)


def test_two_files_with_one_text_are_two_stories(write: Write) -> None:
    assert make_story_id(write("a.md", "text")) != make_story_id(write("b.md", "text"))


def describe_path(path: Path) -> Story:
    file = find_file(path)
    assert file is not None
    return describe_file(file)


def test_the_id_of_the_front_matter_wins(write: Write) -> None:
    text = "---\nid: my-own\n---\nText"
    assert (
        describe_path(write("a.md", text)).id == describe_path(write("b/c.md", text)).id == "my-own"
    )


TITLES = {
    "front matter": ("a.md", "---\ntitle: The Matter\n---\n# A heading\n", "The Matter"),
    "first heading": ("a.md", "### A *heading*\n\nText.", "A heading"),
    "a heading further down": ("named.md", "Before.\n\n### A heading\n\n# Another\n", "Named"),
    "a first-level heading after another": ("a.md", "## Series\n\n# The One\n\nText.", "The One"),
    "a first-level heading further down": ("a.md", "## Preface\n\nText.\n\n# The One", "The One"),
    "the first of two": ("a.md", "# One\n\n# Two\n", "One"),
    "below a picture": ("a.md", "![a](b)\n\n## The One\n\nText.", "The One"),
    "below a comment": ("a.md", "<!-- to do -->\n\n## The One\n\nText.", "The One"),
    "below empty lines": ("a.md", "\n\n \n## The One\n\nText.", "The One"),
    "below a motto": ("a.md", "> A motto.\n\n# The One\n\nText.", "The One"),
    "below a callout": ("a.md", "> [!NOTE]\n> Old.\n\n# The One\n\nText.", "The One"),
    "a section below a motto": ("named.md", "> A motto.\n\n## Example\n\nText.", "Named"),
    "in a quote": ("named.md", "> # One\n\nText.", "Named"),
    "in a list": ("named.md", "- # One\n\nText.", "Named"),
    "a footnote number": ("a.md", "# The[^1] One[^2]\n\nText.\n\n[^1]: A.\n[^2]: B.", "The One"),
    "a picture": ("a.md", "# ![logo](x.png) The One\n\nText.", "The One"),
    "a picture alone": ("named.md", "# ![logo](x.png)\n\nText.", "Named"),
    "attributes": ("a.md", "# The One {#anchor .wide}\n\nText.", "The One"),
    "file name": ("some_essay-of-mine.md", "Text.", "Some essay of mine"),
    "folder of an index": ("the-walk/index.md", "Text.", "The walk"),
    "an empty heading": ("named.md", "#\n\nText.", "Named"),
    "a date in the name": ("2021-06-12-night-train.md", "Text.", "Night train"),
    "nothing but a date": ("2021-06-12.md", "Text.", "2021 06 12"),
    "a heading over two lines": ("a.md", "One\ntwo\n===\n", "One two"),
    "a typed quote": ("a.md", '# "Well", she said\n', "“Well”, she said"),
    "a control": ("a.md", "# A &#27;[31mred&#27;[0m title", "A \ufffd[31mred\ufffd[0m title"),
}


@pytest.mark.parametrize("case", TITLES)
def test_a_title_comes_from_the_expected_source(case: str, write: Write) -> None:
    name, text, title = TITLES[case]
    assert describe_path(write(name, text)).title == title


@pytest.mark.parametrize("case", TITLES)
def test_a_story_has_one_title_however_it_is_opened(case: str, write: Write) -> None:
    name, text, title = TITLES[case]
    path = write(name, text)
    story, opened = describe_text(read_source(path), "")
    blocks = [block for piece in opened.slices for block in piece.blocks]
    described = describe_path(path)
    assert (story.title, story.words) == (title, described.words)
    assert blocks == parse(read_source(path).body, title).blocks
    assert sum(block.words for block in blocks) == story.words


def test_a_long_text_has_the_title_of_its_first_slice(write: Write) -> None:
    path = write("named.md", "Text.\n\n" + "word " * 40_000 + "\n\n# Late\n")
    story, _ = describe_text(read_source(path), "")
    assert (story.title, describe_path(path).title) == ("Named", "Named")


DATE_LINES: dict[str, tuple[date | None, str]] = {
    "# T\n\n_April 2001_\n\nText.": (date(2001, 4, 1), "April 2001"),
    "# T\n\n5 May 2020\n\nText.": (date(2020, 5, 5), ""),
    "## S\n\n# T\n\n**May 5, 2020**\n\nText.": (date(2020, 5, 5), ""),
    "---\ntitle: T\n---\n# T\n\n*April 2001*\n\nText.": (date(2001, 4, 1), "April 2001"),
    "---\ndate: 1999-12-31\n---\n# T\n\nApril 2001\n\nText.": (date(1999, 12, 31), ""),
    "# T\n\n1984\n\nText.": (None, ""),
    "# T\n\nSoon\n\nText.": (None, ""),
    "# T\n\nText.\n\nApril 2001\n": (None, ""),
}


@pytest.mark.parametrize("text", DATE_LINES)
def test_a_line_below_the_title_may_be_the_date(text: str, write: Write) -> None:
    story = describe_path(write("a.md", text))
    assert (story.published, story.date_text) == DATE_LINES[text]
    assert story.is_date_in_text == (story.published is not None and "1999" not in text)


def test_a_title_has_at_most_500_characters(write: Write) -> None:
    title = describe_path(write("a.md", "# " + "long " * 1000)).title
    assert len(title) == 500
    assert title.endswith("…")


def test_a_name_that_is_not_utf8_gives_a_valid_title() -> None:
    assert guess_title(Path("caf\udce9-noir.md")) == "Caf\ufffd noir"


def test_a_name_of_punctuation_gives_no_title() -> None:
    assert guess_title(Path("--.md")) == "Untitled"


DATES_IN_PATHS = {
    "posts/2021-06-12-title.md": date(2021, 6, 12),
    "posts/2021-06-12.md": date(2021, 6, 12),
    "posts/2021-06-12-title/index.md": date(2021, 6, 12),
    "posts/2021/06/12/title.md": date(2021, 6, 12),
    "posts/2021/06/title.md": None,
    "posts/2021-13-45-title.md": None,
    "posts/1984.md": None,
    "posts/20210612345-title.md": None,
    "2019-01-01-old/2021-06-12-new.md": date(2021, 6, 12),
}


@pytest.mark.parametrize("path", DATES_IN_PATHS)
def test_a_date_is_found_in_the_path(path: str) -> None:
    assert guess_date(Path(path)) == DATES_IN_PATHS[path]


def test_the_date_of_the_front_matter_wins(write: Write) -> None:
    story = describe_path(write("2021-06-12-a.md", "---\ndate: 1999-12-31\n---\nText"))
    assert story.published == date(1999, 12, 31)


def test_a_date_that_is_not_understood_is_shown_and_not_replaced(write: Write) -> None:
    story = describe_path(write("2021-06-12-a.md", "---\ndate: long ago\n---\nText"))
    assert (story.published, story.date_text) == (None, "long ago")


def test_fields_without_a_use_are_shown_or_named(write: Write) -> None:
    fields = "Dedication: To my mother, who read\nlayout: post\nmenu_order: 3\ntitle: T"
    assert describe_path(write("a.md", f"---\n{fields}\n---\nText")).notices == (
        "Dedication: To my mother, who read",
        "[front matter left out: layout, menu order]",
    )


def test_at_most_twelve_fields_without_a_use_are_named(write: Write) -> None:
    fields = "\n".join(f"field{number}: x" for number in range(15))
    (notice,) = describe_path(write("a.md", f"---\n{fields}\n---\nText")).notices
    assert notice.endswith("field10, field11 and 3 more]")


def test_a_title_that_is_repeated_as_heading_is_not_counted(write: Write) -> None:
    assert (
        describe_path(write("a.md", "---\ntitle: One Two\n---\n# One two\n\nThree four.")).words
        == 2
    )


def test_a_first_heading_that_becomes_the_title_is_not_counted(write: Write) -> None:
    assert describe_path(write("a.md", "# One two\n\nThree four.")).words == 2


def test_a_heading_further_down_is_counted(write: Write) -> None:
    assert describe_path(write("a.md", "Three four.\n\n# One two")).words == 4


@pytest.mark.parametrize("kind", ["verse", "Poem"])
def test_the_lines_of_verse_are_those_of_the_file(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(f"---\nkind: {kind}\n---\nOne\ntwo\\\nthree\n\n> four\n> five\n\n- a\n- b\n")
    texts = [block.text for block in parse(read_source(path).body).blocks]
    assert texts == ["One\ntwo\nthree", "four\nfive", "a", "b"]


def test_the_lines_of_verse_begin_with_their_spaces(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("---\nkind: verse\n---\n    One\n  two\n\n~~~\n  code\n~~~\n\n\tthree\n  - a\n")
    texts = [block.text for block in parse(read_source(path).body).blocks]
    assert texts == ["\u00a0" * 4 + "One\n\u00a0\u00a0two", "  code", "\u00a0" * 4 + "three", "a"]


def test_the_head_of_a_large_file_is_enough_if_it_is_utf8(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a.md", "# “Großes”\n\n" + "Wörter, die “zählen”.\n\n" * 30_000 + "\n")
    with path.open("ab") as file:
        file.write(b"\xff\xfe" * 9)
    found = find_file(path)
    assert found is not None
    title = describe_file(found).title
    monkeypatch.setattr("reader.library.describing.read_source", None)
    assert describe_head(found).title == title == "“Großes”"
