"""Books: their parts, pictures, links and footnotes, and what can't be read."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

import pytest
from archive_files import make_zip
from epub_files import CONTAINER, FACTS, PNG, make_epub

from reader.cli.main import main
from reader.errors import UnreadableFile
from reader.ingest.adding import Adder
from reader.ingest.sources import Content, read_drafts
from reader.ingest.zip_file import ZipArchive

if TYPE_CHECKING:
    from pathlib import Path

    from reader.ingest import Draft

ONE = "<h1>One</h1><p>The lamp was lit at six.</p>"
TWO = "<h1>Two</h1><p>Nobody had seen it go out.</p>"


def read(data: bytes) -> list[Draft]:
    return [*read_drafts(Content(data, "x.epub"))]


def list_parts(data: bytes) -> list[tuple[str, str]]:
    return [(draft.facts.title, draft.body) for draft in read(data)]


@pytest.mark.parametrize("is_old", [True, False], ids=["epub2", "epub3"])
def test_chapters_are_the_parts_of_a_series(is_old: bool) -> None:
    data = make_epub({"a.xhtml": ONE, "b.xhtml": TWO}, [("One", "a.xhtml"), ("Two", "b.xhtml")], is_old=is_old)  # fmt: skip
    one, two = read(data)
    assert (one.facts.title, one.facts.series, one.facts.part) == ("One", "The Lamp", 1)
    assert (one.facts.author, one.facts.language, one.facts.published) == (
        "Ann Lee",
        "en",
        "2021-06-12",
    )
    assert (one.body, two.body) == ("The lamp was lit at six.\n", "Nobody had seen it go out.\n")
    assert two.facts.part == 2


def test_what_the_page_shows_above_the_text_is_not_repeated_in_it() -> None:
    body = f"<h1>The Lamp</h1><p>Ann Lee</p>{ONE}"
    assert list_parts(make_epub({"a.xhtml": body}, CONTENTS)) == [
        ("The Lamp", "## One\n\nThe lamp was lit at six.\n")
    ]


def test_a_file_with_several_entries_is_split_and_one_without_is_joined() -> None:
    both = '<h1 id="p">One</h1><p>First.</p><div><h1 id="q">Two</h1><p>Second.</p></div>'
    data = make_epub(
        {"a%20b.xhtml": both, "c.xhtml": "<p>Still the second.</p>", "d.xhtml": "<h1>Three</h1><p>Third.</p>"},
        [("One", "A%20b.xhtml#p"), ("Two", "a%20b.xhtml#q"), ("Three", "d.xhtml")],
    )  # fmt: skip
    files = {"OPS/a%20b.xhtml": "OPS/a b.xhtml"}
    assert list_parts(_rename(data, files)) == [
        ("One", "First.\n"),
        ("Two", "Second.\n\nStill the second.\n"),
        ("Three", "Third.\n"),
    ]


def _rename(data: bytes, names: dict[str, str]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return make_zip({names.get(name, name): archive.read(name) for name in archive.namelist()})


def test_chapters_in_one_file_are_parts_even_below_a_single_heading() -> None:
    body = '<h1>Book</h1><h2 id="a">One</h2><p>First.</p><h2 id="b">Two</h2><p>Second.</p>'
    contents = [("Book", "x.xhtml"), ("\tOne", "x.xhtml#a"), ("\tTwo", "x.xhtml#b")]
    assert list_parts(make_epub({"x.xhtml": body}, contents)) == [
        ("One", "## Book\n\nFirst.\n"),
        ("Two", "Second.\n"),
    ]


def test_sections_of_a_short_chapter_are_headings_and_not_parts() -> None:
    body = '<h1>{0}</h1><h2 id="a">A</h2><p>First.</p><h2 id="b">B</h2><p>Second.</p>'
    chapters = {f"{n}.xhtml": body.format(n) for n in range(3)}
    contents = [entry for n in range(3) for entry in [(f"{n}", f"{n}.xhtml"), ("\tA", f"{n}.xhtml#a"), ("\tB", f"{n}.xhtml#b")]]  # fmt: skip
    assert [title for title, _ in list_parts(make_epub(chapters, contents))] == ["0", "1", "2"]


def test_without_contents_each_file_is_a_part_named_by_its_heading() -> None:
    parts = list_parts(make_epub({"a.xhtml": ONE, "b.xhtml": TWO, "c.xhtml": "<p>End.</p>"}))
    assert [title for title, _ in parts] == ["One", "Two", "The Lamp, part 3"]


@pytest.mark.parametrize(
    "stored", ["OPS\\a b\u00e9.xhtml", "ops/A B\u00c9.XHTML", "OPS/a%20b%C3%A9.xhtml", "OPS/a be\u0301.xhtml"]
)  # fmt: skip
def test_a_file_is_found_however_its_name_is_written(stored: str) -> None:
    data = make_epub({"x.xhtml": ONE}, [("One", "a%20b%C3%A9.xhtml")])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files[stored] = files.pop("OPS/x.xhtml")
    files["OPS/book.opf"] = files["OPS/book.opf"].replace(b"x.xhtml", b"a%20b%C3%A9.xhtml")
    assert list_parts(make_zip(files)) == [("The Lamp", "## One\n\nThe lamp was lit at six.\n")]


def test_what_stands_outside_the_order_comes_last() -> None:
    data = make_epub({"n.xhtml": "<h1>Notes</h1><p>A note.</p>", "a.xhtml": ONE}, [("One", "a.xhtml")], asides=["n.xhtml"])  # fmt: skip
    assert [title for title, _ in list_parts(data)] == ["One", "Notes"]


def test_pictures_are_saved_beside_the_story_and_links_lead_to_its_parts(tmp_path: Path) -> None:
    body = (
        '<h1>One</h1><p>See <a href="b.xhtml#x">two</a>, <a href="#y">below</a> and <a href="gone.xhtml">gone</a>.</p>'
        '<p><img src="pics/lamp.png" alt="A lamp"/></p><svg><image xlink:href="../evil.png"/></svg>'
    )
    data = make_epub({"a.xhtml": body, "b.xhtml": TWO}, [("One", "a.xhtml"), ("Two", "b.xhtml")], files={"pics/lamp.png": PNG})  # fmt: skip
    adder = Adder(tmp_path)
    drafts = [*read_drafts(Content(data, "x.epub"))]  # the archive is closed then
    saved = [added.saved.path for draft in drafts for added in adder.add(draft) if added.saved]
    assert [path.relative_to(tmp_path).as_posix() for path in saved] == [
        "the-lamp/1-one.md",
        "the-lamp/2-two.md",
    ]
    (picture,) = (tmp_path / "the-lamp/pictures").iterdir()
    text = saved[0].read_text()
    assert "See [two](2-two.md), below and gone." in text
    assert f"![A lamp](pictures/{picture.name})" in text
    assert picture.read_bytes() == PNG


def test_a_link_into_another_part_leads_to_its_place() -> None:
    one = (
        '<h1>One</h1><p>See <a href="b.xhtml#x">it</a>, <a href="b.xhtml#q">two</a>,'
        ' <a href="b.xhtml#y">that</a> and <a href="b.xhtml#no">none</a>.</p>'
    )
    both = (
        '<h1 id="p">Two</h1><p>A.</p><p id="x">B.</p><h1 id="q">Three</h1><p>C.</p>'
        '<ul><li id="y">D.</li></ul><p id="z">E.</p>'
    )
    data = make_epub({"a.xhtml": one, "b.xhtml": both}, [("One", "a.xhtml"), ("Two", "b.xhtml#p"), ("Three", "b.xhtml#q")])  # fmt: skip
    assert [body for _, body in list_parts(data)] == [
        "See [it](2-two.md#x), [two](3-three.md#q), [that](3-three.md#y) and [none](2-two.md).\n",
        'A.\n\n<a id="x"></a>\n\nB.\n',
        '<a id="q"></a>\n\nC.\n\n<a id="y"></a>\n\n- D.\n\nE.\n',
    ]


def test_a_footnote_stays_with_the_part_that_refers_to_it() -> None:
    body = (
        '<h1 id="p">One</h1><p>Lit<a epub:type="noteref" href="#n1">1</a>.</p><h1 id="q">Two</h1>'
        '<p>Out<a epub:type="noteref" href="#n2">2</a>.</p><aside epub:type="footnote" id="n1"><p>By hand.</p></aside>'
        '<aside epub:type="footnote" id="n2"><p>At dawn.</p></aside>'
    )
    contents = [("One", "a.xhtml#p"), ("Two", "a.xhtml#q")]
    assert list_parts(make_epub({"a.xhtml": body}, contents)) == [
        ("One", "Lit[^1].\n\n[^1]: By hand.\n"),
        ("Two", "Out[^2].\n\n[^2]: At dawn.\n"),
    ]


def test_a_book_that_is_added_again_keeps_its_files_and_ids(tmp_path: Path) -> None:
    contents = [("One", "a.xhtml"), ("Two", "b.xhtml")]
    for body in (ONE, ONE.replace("six", "seven")):
        adder = Adder(tmp_path)
        added = [each for draft in read(make_epub({"a.xhtml": body, "b.xhtml": TWO}, contents)) for each in adder.add(draft)]  # fmt: skip
    assert [each.saved.is_update and each.saved.is_changed for each in added if each.saved] == [
        True,
        False,
    ]
    assert [path.name for path in sorted((tmp_path / "the-lamp").glob("*.md"))] == [
        "1-one.md",
        "2-two.md",
    ]
    other = make_epub({"a.xhtml": ONE}, facts=FACTS.replace("urn:x:1", "urn:x:2"))
    for draft in read(other):
        list(Adder(tmp_path).add(draft))
    assert (tmp_path / "the-lamp-2").is_dir()


def test_a_chapter_is_read_only_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{n}.xhtml" for n in range(50)]
    data = make_epub(dict.fromkeys(names, ONE), [(f"Part {n}", name) for n, name in enumerate(names)])  # fmt: skip
    read_names: list[str] = []
    read_file = ZipArchive.read

    def note(archive: ZipArchive, name: str, *limit: int) -> bytes:
        read_names.append(name)
        return read_file(archive, name, *limit)

    monkeypatch.setattr(ZipArchive, "read", note)
    first = next(iter(read_drafts(Content(data, "x.epub"))))
    assert first.facts.title == "Part 0"
    chapters = [name for name in read_names if name.removeprefix("OPS/")[0].isdigit()]
    assert chapters == ["OPS/0.xhtml"]


ENCRYPTION = (
    '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" xmlns:enc="http://www.w3.org/2001/04/xmlenc#">'
    '<enc:EncryptedData><enc:EncryptionMethod Algorithm="{}"/><enc:CipherData><enc:CipherReference URI="{}"/>'
    "</enc:CipherData></enc:EncryptedData></encryption>"
)
AES = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
CONTENTS = [("One", "a.xhtml")]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            make_epub({"a.xhtml": ONE}, CONTENTS, files={"META-INF/encryption.xml": ENCRYPTION.format(AES, "OPS/a.xhtml"), "META-INF/rights.xml": "<r/>"}),
            "the book is protected against copying (Adobe DRM) and can't be read; open it in the seller's program",
        ),
        (
            make_epub({"a.xhtml": '<img src="p.png" alt="A page"/><p>12</p>'}, CONTENTS, files={"p.png": PNG}),
            "the book has pictures of its pages and no text, so there is nothing to read",
        ),
        (make_zip({"mimetype": "application/epub+zip"}), "the book has no list of its files; get it again"),
    ],
    ids=["drm", "pictures", "empty"],
)  # fmt: skip
def test_a_book_that_can_not_be_read_says_so_in_one_line(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        read(data)
    assert str(error.value) == f"x.epub: {message}"


def test_fonts_that_are_obscured_are_no_protection() -> None:
    font = ENCRYPTION.format("http://www.idpf.org/2008/embedding", "OPS/font.otf")
    data = make_epub({"a.xhtml": ONE}, CONTENTS, files={"META-INF/encryption.xml": font})
    assert len(read(data)) == 1


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)) + "]>"  # fmt: skip


def test_hostile_books_write_nothing_outside_the_library(tmp_path: Path) -> None:
    folder = tmp_path / "stories"
    facts = FACTS.replace("The Lamp", "../../../etc/&#47;passwd")
    books = [
        make_epub({"../../a.xhtml": ONE, "/b.xhtml": TWO}, [("../../One", "../../a.xhtml"), ("/etc/x", "/b.xhtml")], facts=facts),
        make_epub({"a.xhtml": '<p>Text.</p><img src="../../../x.png" alt="x"/>'}, files={"../../../x.png": PNG}),
        make_zip({"META-INF/container.xml": BOMB + CONTAINER.partition("?>")[2].replace("OPS/book.opf", "&j;")}),
        make_zip({f"{n}.xhtml": "x" for n in range(4_000)} | {"META-INF/container.xml": CONTAINER}),
        make_epub({"a.xhtml": "<div>" * 20_000 + "Deep."}),
        make_epub({"a.xhtml": " " * (20 << 20)} | {"b.xhtml": TWO}),
    ]  # fmt: skip
    for data in books:
        adder = Adder(folder)
        try:
            for draft in read_drafts(Content(data, "x.epub")):
                list(adder.add(draft))
        except UnreadableFile as error:
            assert len(str(error)) < 300  # noqa: PT017  most of these books can be read
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert written
    assert all(path.is_relative_to(folder) for path in written)


def test_a_file_without_a_name_is_left_out() -> None:
    data = make_epub({"a.xhtml": ONE}, CONTENTS).replace(b"mimetype", b"\0imetype")
    assert len(read(data)) == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:200] + bytes(200) + data[400:],
        lambda data: data.replace(b"\x08\x00", b"\x63\x00"),
        lambda data: data[:-22] + b"PK\x05\x06" + b"\xff" * 16 + b"\0\0",
    ],
    ids=["cut", "zeros", "method", "directory"],
)
def test_a_damaged_archive_is_refused_in_one_line(damage: object) -> None:
    assert callable(damage)
    with pytest.raises(UnreadableFile) as error:
        read(damage(make_epub({"a.xhtml": ONE * 50}, CONTENTS)))
    assert str(error.value).startswith("x.epub: ")


def test_a_book_of_thirty_chapters_is_read_in_order_and_its_highlight_is_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("config", "data", "cache"):
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / name))
    names = [f"Chapter {number}" for number in range(1, 31)]
    chapters = {
        f"{n}.xhtml": f"<h1>{name}</h1><p>In {name} the lamp was lit.</p>"
        for n, name in enumerate(names)
    }
    book = tmp_path / "book.epub"
    book.write_bytes(make_epub(chapters, list(zip(names, chapters, strict=True))))
    clippings = tmp_path / "My Clippings.txt"
    clippings.write_text(
        "The Lamp (Lee, Ann)\n- Your Highlight on page 2 | Added on Saturday, June 12, 2021\n\n"
        "In Chapter 17 the lamp was lit.\n==========\n"
    )
    assert main(["add", str(book), str(clippings)]) == 0
    first = tmp_path / "data/essay-reader/stories/the-lamp/01-chapter-1.md"
    assert capsys.readouterr().out == (
        f"{first}\n  The Lamp · Ann Lee · 2021-06-12 · 30 parts · 210 words\nThe Lamp · 1 highlight attached\n"
    )
    assert main(["list", "--in", str(first.parent)]) == 0
    assert re.findall(r"Chapter \d+", capsys.readouterr().out) == names
    assert main(["mark", "chapter 17", "finished"]) == 0
    assert main(["list", "--in", str(first.parent)]) == 0
    assert "✓          Chapter 17" in capsys.readouterr().out
    assert main(["highlights"]) == 0
    assert (
        "> In Chapter 17 the lamp was lit.\n>\n> — Ann Lee, *Chapter 17*" in capsys.readouterr().out
    )
