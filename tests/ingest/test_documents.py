"""Word files and OpenDocument texts: what becomes of their paragraphs, and of hostile ones."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from archive_files import make_zip

from reader.errors import UnreadableFile
from reader.ingest import Draft, Facts, RemovedText
from reader.ingest.save import save_draft
from reader.ingest.sources import Content, find_format, read_drafts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
WORD = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)
OPEN = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{space}:1.0"'
    for name, space in (("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing"),
                        ("style", "style"), ("fo", "xsl-fo-compatible"), ("svg", "svg-compatible"), ("meta", "meta"))
)  # fmt: skip
OPEN += ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
STYLES = "".join(
    f'<w:style w:styleId="{key}"><w:name w:val="{name}"/>{more}</w:style>'
    for key, name, more in (
        ("Titel", "Title", ""), ("Untertitel", "Subtitle", ""), ("H1", "heading 1", ""), ("Own", "My heading", '<w:basedOn w:val="H1"/>'),
        ("Zitat", "Quote", ""), ("Code", "HTML Preformatted", ""), ("Cap", "caption", ""), ("T1", "toc 1", ""),
        ("Em", "Emphasis", ""), ("LB", "List Bullet", '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'),
    )
)  # fmt: skip
NUMBERING = (
    '<w:abstractNum w:abstractNumId="8"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl><w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="9"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="8"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="9"/></w:num>'
)


def make_word(body: str, files: dict[str, str | bytes] | None = None) -> bytes:
    parts = {
        "word/document.xml": f"<w:document {WORD}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": f"<w:styles {WORD}>{STYLES}</w:styles>",
        "word/numbering.xml": f"<w:numbering {WORD}>{NUMBERING}</w:numbering>",
        **(files or {}),
    }
    return make_zip(parts)


def p(text: str, style: str = "", more: str = "") -> str:
    """Return a paragraph of Word; `text` is one run, or runs that are written as such."""
    runs = text if "<w:" in text else f"<w:r><w:t>{text}</w:t></w:r>"
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{more}</w:pPr>{runs}</w:p>"


def r(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def item(text: str, number: int, depth: int = 0) -> str:
    numbered = f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>'
    return p(text, more=numbered)


def make_open(body: str, files: dict[str, str | bytes] | None = None, styles: str = "") -> bytes:
    automatic = f"<office:automatic-styles>{styles}</office:automatic-styles>"
    content = f"<office:document-content {OPEN}>{automatic}<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    parts = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content}
    return make_zip(parts | (files or {}))


def read(data: bytes, name: str = "old-name.docx") -> Draft:
    (draft,) = read_drafts(Content(data, name))
    return draft


def row(*cells: str) -> str:
    """Return a row of a spreadsheet-like table, whose last cell stands for thousands."""
    written = "".join(
        f"<table:table-cell><text:p>{each}</text:p></table:table-cell>" for each in cells
    )
    rest = '<table:table-cell table:number-columns-repeated="16384"/>'
    return f"<table:table-row>{written}{rest}</table:table-row>"


WORD_CASES = {
    "emphasis is joined": (
        p(r("It ") + r("ra", "<w:i/>") + r("ined", "<w:i/>") + r(" and ") + r("rained", '<w:b/><w:i w:val="0"/>') + r(".")),
        ["It *rained* and **rained**."],
    ),
    "a style of characters": (p(r("so", '<w:rStyle w:val="Em"/>') + r(" it is")), ["*so* it is"]),
    "markup in the text": (p("2 * 3 &lt;b&gt; [x](y)"), [r"2 \* 3 \<b> \[x\](y)"]),
    "headings": (p("One", "H1") + p("Text.") + p("Two", "Own"), ["## One", "Text.", "## Two"]),
    "lists": (
        item("a", 1) + item("b", 1, 1) + item("c", 1) + item("d", 2) + p("Between.") + item("e", 2) + p("f", "LB"),
        ["- a\n  - b\n- c", "1. d", "Between.", "2. e", "- f"],
    ),
    "quotes and code": (
        p("One.", "Zitat") + p("Two.", "Zitat") + p("x = 1", "Code") + p("", "Code") + p("y", "Code"),
        ["> One.\n>\n> Two.", "```\nx = 1\n\ny\n```"],
    ),
    "lines of verse": (p("<w:r><w:t>one</w:t><w:br/><w:t>two</w:t></w:r>"), ["one\\\ntwo"]),
    "a break between sections": (p("One.") + p("* * *") + p("Two."), ["One.", "* * *", "Two."]),
    "tracked changes and hidden text": (
        p(f"{r('It ')}<w:ins>{r('rained')}</w:ins><w:del>{r('snowed')}<w:r><w:delText>hailed</w:delText></w:r></w:del>{r('!', '<w:vanish/>')}{r('.')}"),
        ["It rained."],
    ),
    "a table": (
        f"<w:tbl><w:tr><w:trPr><w:tblHeader/></w:trPr><w:tc>{p('A')}</w:tc><w:tc>{p('B')}</w:tc></w:tr><w:tr><w:tc>{p('1')}</w:tc><w:tc>{p('2')}</w:tc></w:tr></w:tbl>",
        ["| A | B |\n| --- | --- |\n| 1 | 2 |"],
    ),
    "links": (
        p(f'<w:hyperlink r:id="L1">{r("here")}</w:hyperlink>') + p(f'<w:hyperlink r:id="L2">{r("there")}</w:hyperlink>')
        + p('<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "https://y.example/" </w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>far</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t> off</w:t></w:r>'),
        ["[here](https://x.example/)", "there", "[far](https://y.example/) off"],
    ),
    "notes": (
        p('<w:r><w:t>A boat</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t>.</w:t></w:r><w:r><w:endnoteReference w:id="2"/></w:r>'),
        ["A boat[^1].[^2]", "[^1]: Or a raft.", "[^2]: Or none."],
    ),
    "a picture with a caption, one that is none, and one outside": (
        p('<w:r><w:drawing><w:docPr descr="A lamp"/><a:blip r:embed="P1"/></w:drawing></w:r>') + p("A lamp, lit.", "Cap")
        + p('<w:r><w:drawing><a:blip r:embed="P2"/></w:drawing></w:r>') + p('<w:r><w:drawing><a:blip r:embed="P3"/></w:drawing></w:r>'),
        ["![A lamp](pictures/2597617aa68f3a9d.png)\n*A lamp, lit.*"],
    ),
    "a box of text, once": (
        p(f"<w:r><w:alternateContent><w:choice><w:drawing><w:txbxContent>{p('In a box.')}</w:txbxContent></w:drawing></w:choice>"
          f"<w:fallback><w:pict><w:txbxContent>{p('In a box.')}</w:txbxContent></w:pict></w:fallback></w:alternateContent></w:r><w:r><w:t>Beside.</w:t></w:r>"),
        ["Beside.", "In a box."],
    ),
}  # fmt: skip
RELATIONS = "".join(
    f'<Relationship Id="{key}" Target="{target}"/>'
    for key, target in (
        ("L1", "https://x.example/"), ("L2", "javascript:alert(1)"), ("P1", "media/a.png"), ("P2", "media/b.png"), ("P3", "../../../etc/c.png"),
    )
)  # fmt: skip
WORD_FILES: dict[str, str | bytes] = {
    "word/_rels/document.xml.rels": f"<Relationships>{RELATIONS}</Relationships>",
    "word/media/a.png": PNG,
    "word/media/b.png": b"<script>",
    "word/footnotes.xml": f'<w:footnotes {WORD}><w:footnote w:id="2">{p("Or a raft.")}</w:footnote></w:footnotes>',
    "word/endnotes.xml": f'<w:endnotes {WORD}><w:endnote w:id="2">{p("Or none.")}</w:endnote></w:endnotes>',
}


@pytest.mark.parametrize("case", WORD_CASES)
def test_a_word_file_becomes_markdown(case: str) -> None:
    body, blocks = WORD_CASES[case]
    assert read(make_word(body, WORD_FILES)).blocks == tuple(blocks)


def test_the_title_of_a_word_file_is_its_own_and_its_contents_are_left_out() -> None:
    core = (
        '<cp:coreProperties xmlns:cp="c" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Normal.dot</dc:title>'
        "<dc:creator>Ann Lee</dc:creator><cp:keywords>rain, tea</cp:keywords></cp:coreProperties>"
    )
    body = p("The Kettle", "Titel") + p("A story", "Untertitel") + p("Ann Lee") + p("One 3", "T1")
    draft = read(make_word(body + p("One", "H1") + p("It fell."), {"docProps/core.xml": core}))
    assert draft.facts == Facts("The Kettle", "A story", "Ann Lee", tags=("rain", "tea"))
    assert draft.blocks == ("## One", "It fell.")
    assert draft.removed == (RemovedText("One 3", 0),)
    assert read(make_word(p("The Kettle", "H1") + p("It fell."))).facts.title == "The Kettle"
    assert read(make_word(p("It fell."))).facts.title == "old name"


OPEN_STYLES = (
    '<style:style style:name="T1"><style:text-properties fo:font-style="italic"/></style:style>'
    '<style:style style:name="T2" style:parent-style-name="T1"><style:text-properties fo:font-style="normal" fo:font-weight="bold"/></style:style>'
    '<style:style style:name="P1" style:parent-style-name="Quotations"/><style:style style:name="P2" style:parent-style-name="Preformatted_20_Text"/>'
    '<text:list-style style:name="L1"><text:list-level-style-bullet text:level="1"/><text:list-level-style-number text:level="2"/></text:list-style>'
)
OPEN_CASES = {
    "emphasis": (
        '<text:p>It <text:span text:style-name="T1">ra</text:span><text:span text:style-name="T1">ined</text:span><text:s text:c="2"/>and\n <text:span text:style-name="T2">rained</text:span>.</text:p>',
        ["It *rained* and **rained**."],
    ),
    "headings": (
        '<text:h text:outline-level="1">One</text:h><text:p>Text.</text:p><text:h text:outline-level="1">Two</text:h><text:h text:outline-level="2">Three</text:h>',
        ["## One", "Text.", "## Two", "### Three"],
    ),
    "lists": (
        '<text:list text:style-name="L1"><text:list-item><text:p>a</text:p><text:list><text:list-item><text:p>b</text:p></text:list-item></text:list></text:list-item><text:list-item><text:p>c</text:p></text:list-item></text:list>',
        ["- a\n  1. b\n- c"],
    ),
    "quotes and code": (
        '<text:p text:style-name="P1">One.</text:p><text:p text:style-name="P2">x<text:s text:c="2"/>= 1</text:p><text:p text:style-name="P2">y</text:p>',
        ["> One.", "```\nx  = 1\ny\n```"],
    ),
    "lines of verse": ("<text:p>one<text:line-break/>two</text:p>", ["one\\\ntwo"]),
    "tracked changes": (
        '<text:tracked-changes><text:changed-region><text:deletion><text:p>snowed</text:p></text:deletion></text:changed-region></text:tracked-changes><text:p>It <text:change text:change-id="1"/>rained.</text:p>',
        ["It rained."],
    ),
    "a table": (
        f"<table:table><table:table-header-rows>{row('A', 'B')}</table:table-header-rows>{row('1', '2')}</table:table>",
        ["| A | B |\n| --- | --- |\n| 1 | 2 |"],
    ),
    "links": ('<text:p><text:a xlink:href="https://x.example/">here</text:a> <text:a xlink:href="javascript:x">there</text:a></text:p>', ["[here](https://x.example/) there"]),
    "a note": (
        '<text:p>A boat<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body><text:p>Or a raft.</text:p></text:note-body></text:note>.</text:p>',
        ["A boat[^1].", "[^1]: Or a raft."],
    ),
    "a picture with a caption in its frame": (
        '<text:p><draw:frame><draw:text-box><text:p text:style-name="Illustration"><draw:frame><draw:image xlink:href="Pictures/a.png"/><svg:title>A lamp</svg:title></draw:frame>A lamp, lit.</text:p></draw:text-box></draw:frame></text:p>',
        ["![A lamp](pictures/2597617aa68f3a9d.png)\n*A lamp, lit.*"],
    ),
    "a table of contents": ("<text:table-of-content><text:index-body><text:p>One 3</text:p></text:index-body></text:table-of-content><text:p>It fell.</text:p>", ["It fell."]),
}  # fmt: skip


@pytest.mark.parametrize("case", OPEN_CASES)
def test_an_open_document_becomes_markdown(case: str) -> None:
    body, blocks = OPEN_CASES[case]
    data = make_open(body, {"Pictures/a.png": PNG}, OPEN_STYLES)
    assert read(data, "x.odt").blocks == tuple(blocks)


def test_the_facts_of_an_open_document_are_read() -> None:
    meta = f"<office:document-meta {OPEN}><office:meta><dc:title>Rain</dc:title><meta:initial-creator>Ann Lee</meta:initial-creator><dc:creator>Bo</dc:creator><dc:language>en-GB</dc:language></office:meta></office:document-meta>"
    draft = read(make_open("<text:p>It fell.</text:p>", {"meta.xml": meta}), "x.odt")
    assert draft.facts == Facts("Rain", author="Ann Lee", language="en-GB")


def test_pictures_are_saved_beside_the_story_after_the_file_was_read(tmp_path: Path) -> None:
    body, blocks = WORD_CASES["a picture with a caption, one that is none, and one outside"]
    path = tmp_path / "a.docx"
    path.write_bytes(make_word(body, WORD_FILES))
    saved = save_draft(read(path.read_bytes()), tmp_path / "own")
    assert saved.path.read_text().endswith(f"{blocks[0]}\n")
    pictures = [each.read_bytes() for each in (tmp_path / "own" / "pictures").iterdir()]
    assert pictures == [PNG]


BOMB = f'<!DOCTYPE w [<!ENTITY a "{"x" * 1_000}"><!ENTITY b "{"&a;" * 1_000}">]><w:document {WORD}><w:body>{p("&b;&b;")}{p("It fell.")}</w:body></w:document>'
NESTED = "<table:table><table:table-row><table:table-cell table:number-columns-repeated='30'><text:p>x</text:p>"


@pytest.mark.parametrize(
    "data",
    [
        make_zip({"word/document.xml": BOMB}),
        make_word(p("It fell.") + "<w:sdt><w:sdtContent>" * 3_000 + p("x")),
        make_word(p("It fell.") + f"<w:tbl><w:tr><w:tc>{p('x')}" * 800),
        make_open("<text:p>It fell.</text:p>" + "<text:section>" * 3_000),
        make_open("<text:p>It fell.</text:p>" + NESTED * 500),
        make_word(p("It fell.") + "<w:p>" + "<w:r/>" * 1_000, {"word/styles.xml": "<", "word/numbering.xml": b"\xff\xfe\0"}),
    ],
    ids=["entities", "controls", "tables", "sections", "repeated cells", "damaged parts"],
)  # fmt: skip
def test_a_hostile_document_is_harmless(data: bytes) -> None:
    draft = read(data)
    assert "It fell." in draft.body
    assert len(draft.body) < 400_000


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (make_open("", {"META-INF/manifest.xml": "<manifest:encryption-data/>"}), "locked with a password; save it without one, and add that"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "a Word file of this old kind, or one with a password, can't be added; save it as .docx, .odt or text, and add that"),
        (make_word(""), "no story was found in it; copy its text and use --paste"),
    ],
)  # fmt: skip
def test_what_can_not_be_read_is_told(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        list(read_drafts(Content(data, "a.docx")))
    assert str(error.value) == f"a.docx: {message}"


def test_the_format_is_told_by_the_content() -> None:
    assert find_format(Content(make_word(p("x")), "a.zip")) == "docx"
    assert find_format(Content(make_open("<text:p/>"), "a.zip")) == "odt"


GROWING: dict[str, Callable[[int], bytes]] = {
    "runs": lambda n: make_word(p(r("a ", "<w:b/>") * n)),
    "items": lambda n: make_word("".join(item("a", 2, k % 3) for k in range(n))),
    "notes": lambda n: make_word(p("<w:r><w:t>a</w:t></w:r>" + "".join(f'<w:r><w:footnoteReference w:id="{k}"/></w:r>' for k in range(n)))),
    "spans": lambda n: make_open(f"<text:p>{'<text:span>a</text:span> ' * n}</text:p>"),
}  # fmt: skip


@pytest.mark.parametrize("name", GROWING)
def test_the_time_for_a_document_grows_in_step_with_its_size(name: str) -> None:
    def measure(size: int) -> float:
        data = GROWING[name](size)
        began = time.process_time()
        read(data)
        return time.process_time() - began

    measure(20)
    assert measure(400) < 8 * measure(100) + 0.05
