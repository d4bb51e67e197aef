"""Files that aren't UTF-8 are read where their encoding is certain, and a line says which it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reader.errors import UnreadableFile
from reader.library.describing import describe_file
from reader.library.files import find_file
from reader.library.source.encodings import decode_text

if TYPE_CHECKING:
    from collections.abc import Callable

    Write = Callable[[str, str | bytes], Path]

pytest.importorskip("chardet", reason="the virtual environment is older than pyproject.toml")
NOWHERE = Path("some.md")
TEXTS = {
    "german": "Der Müller ging früh über die Brücke, weil es am Fluß schön kühl war.",
    "french": "L’été dernier, où êtes-vous allés ? Ça m’a paru très différent, déjà.",
    "spanish": "Mañana el niño irá a la estación. ¿Cuándo volverá? ¡Qué lástima!",
    "english": "“It’s no use,” she said — and left the café. It cost 5 €.",
    "polish": "Wszyscy wiedzą, że źdźbło trawy może być dłuższe niż gałąź.",
    "russian": "В начале июля, в чрезвычайно жаркое время, под вечер, один молодой человек вышел.",
    "greek": "Η μέρα ήταν ζεστή και ο δρόμος μακρύς μέχρι τη θάλασσα.",
    "japanese": "国境の長いトンネルを抜けると雪国であった。夜の底が白くなった。",
    "chinese": "春天来了，河边的柳树都绿了，孩子们在草地上放风筝。",
    "traditional": "春天來了，河邊的柳樹都綠了，孩子們在草地上放風箏。",
    "korean": "봄이 오자 강가의 버드나무가 푸르게 변하고 아이들은 연을 날렸다.",
}
ENCODED = [
    ("german", "cp1252", "Latin-1 (iso8859-1)"),
    ("german", "latin-1", "Latin-1 (iso8859-1)"),
    ("french", "cp1252", "Windows-1252 (cp1252)"),
    ("spanish", "latin-1", "Latin-1 (iso8859-1)"),
    ("english", "cp1252", "Windows-1252 (cp1252)"),
    ("polish", "cp1250", "Windows-1250 (cp1250)"),
    ("polish", "iso8859-2", "Latin-2 (iso8859-2)"),
    ("russian", "koi8-r", "KOI8-R"),
    ("russian", "cp1251", "Windows-1251 (cp1251)"),
    ("greek", "cp1253", "Windows-1253 (cp1253)"),
    ("japanese", "shift_jis", "Shift-JIS (cp932)"),
    ("japanese", "euc_jp", "EUC-JP (euc_jp)"),
    ("chinese", "gb18030", "GB18030"),
    ("traditional", "big5", "Big5"),
    ("korean", "euc_kr", "EUC-KR (cp949)"),
]


@pytest.mark.parametrize("times", [1, 200], ids=["a line", "many lines"])
@pytest.mark.parametrize(("language", "encoding", "name"), ENCODED)
def test_a_text_is_read_in_its_encoding(
    language: str, encoding: str, name: str, times: int
) -> None:
    text = f"# A title in ASCII\n\n{TEXTS[language]}\n" * times
    decoded = decode_text(text.replace("\n", "\r\n").encode(encoding), NOWHERE)
    assert decoded == (text, f"[not UTF-8: read as {name}]")


@pytest.mark.parametrize(
    "text",
    ["# Café\n\nIt was “naïve” – a dash… 8 €.", "Rosé, né à Orléans.", "un café", "Zoë’s", "# Été"],
)
def test_a_few_words_in_latin_letters_are_read(text: str) -> None:
    assert decode_text(text.encode("cp1252"), NOWHERE).text == text


def test_the_first_foreign_letter_may_come_late() -> None:
    text = "A line in ASCII.\n" * 20_000 + TEXTS["russian"]
    assert decode_text(text.encode("koi8-r"), NOWHERE).text == text


@pytest.mark.parametrize(
    "declaration",
    [
        "---\nencoding: iso-8859-2\n---\n", "<!-- -*- coding: iso-8859-2 -*- -->\n",
        '<meta http-equiv="x" content="text/html; charset=ISO-8859-2">\n', '<meta charset="latin2">\n',
    ],
)  # fmt: skip
def test_a_declared_encoding_is_taken(declaration: str) -> None:
    decoded = decode_text(f"{declaration}ő".encode("iso8859-2"), NOWHERE)
    assert decoded.text == f"{declaration}ő"
    assert decoded.notice == "[not UTF-8: read as Latin-2 (iso8859-2)]"


@pytest.mark.parametrize("declared", ["utf-8", "zlib", "undefined", "no-such", "idna", "ascii"])
def test_a_declared_encoding_that_does_not_fit_is_ignored(declared: str) -> None:
    text = f"charset={declared}\n{TEXTS['german']}"
    assert decode_text(text.encode("latin-1"), NOWHERE).text == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_byte_order_mark_gives_the_encoding(encoding: str) -> None:
    decoded = decode_text(f"\ufeff{TEXTS['english']}".encode(encoding), NOWHERE)
    assert decoded == (TEXTS["english"], f"[not UTF-8: read as {encoding.upper()}]")


def test_utf8_has_no_notice() -> None:
    assert decode_text(b"\xef\xbb\xbf" + TEXTS["english"].encode(), NOWHERE)[1] == ""


def test_a_replacement_character_that_is_typed_has_no_notice() -> None:
    assert decode_text("a \ufffd b".encode(), NOWHERE) == ("a \ufffd b", "")


def test_damaged_utf8_stays_utf8_and_is_told() -> None:
    data = TEXTS["french"].encode()
    decoded = decode_text(data + b"\n\xff and \xfe\n" + data, NOWHERE)
    assert decoded.text == f"{TEXTS['french']}\n\ufffd and \ufffd\n{TEXTS['french']}"
    assert decoded.notice == "[2 places not UTF-8, shown as \ufffd]"


def test_the_notice_is_part_of_the_story(write: Write) -> None:
    file = find_file(write("a.md", TEXTS["russian"].encode("koi8-r")))
    assert file is not None
    assert describe_file(file).notices == ("[not UTF-8: read as KOI8-R]",)


def test_data_without_text_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="not text"):
        decode_text(bytes(range(1, 256)) * 40, NOWHERE)


def test_the_detector_is_loaded_only_for_a_file_that_is_not_utf8() -> None:
    program = (
        "import pathlib, sys; from reader.library.source.encodings import decode_text\n"
        "for data in ('é'.encode(), b'caf\\xe9 au lait, voil\\xe0'):\n"
        "    decode_text(data, pathlib.Path('a')); print('chardet' in sys.modules)"
    )
    argv = [sys.executable, "-c", program]
    output = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert output == "False\nTrue\n"


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("# Title\n\nSome text, café.\n", "utf-16-le"),
        ("# Title\n\nSome text, café.\n", "utf-16-be"),
        ("# 題\n\n漢字かな交じり文 and words 😀.\n", "utf-16-le"),
    ],
)
def test_utf_16_without_a_mark_is_read(text: str, codec: str) -> None:
    decoded = decode_text(text.encode(codec), Path("story.md"))
    assert decoded == (text, f"[not UTF-8: read as {codec.upper()}]")


@pytest.mark.parametrize("data", [b"a\0\1\0" * 50, b"\0\0ab" * 50, b"\0a" * 50 + b"\xd8\0\0b"])
def test_bytes_that_only_resemble_utf_16_are_not_read_as_such(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        decode_text(data, Path("story.md"))
