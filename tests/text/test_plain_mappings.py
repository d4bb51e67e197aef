from __future__ import annotations

import tomllib
from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reader.text.plain_mappings import parse_plain_toml, parse_plain_yaml

SCALARS = [
    "word", "Two words", "It's 'so'", "a:b", "a: b", "a #b", "a#b", "b:", '"quoted: #"', "'it''s'", "'single'",
    '"es\\"c"', "", "12", "2021-06-12 09:30:00 +0900", "true", "null", "~", "- x", "[a, b]", "[]", "[a,, b]",
    "[a b, c-d.e]", "[a: b]", "{a: b}", "|", "> x", "&a b", "*a", "!t x", "%x", "@x", "`x`", "é ü — “x”", "漢字",
    "\u00a0x", "x\ty", "[a]b", "a, b", "a\u2028b", "x \"y\" z", "'a' b", '"a" "b"', "[1, 2.5]", "?", "? x", "a ",
    "''", '""', "[é, ö]", "---", "...", "a ? b", "<<", "\ufeffx", "x\x85y", "0x1F", "1_000", "- ", "-x", "a -b",
]  # fmt: skip
LINES = st.one_of(
    st.builds("{}:{}{}".format, st.sampled_from(["a", "title", "b-c", "d_e", "<<", "é", "x y", "---"]),
              st.sampled_from([" ", "  ", ""]), st.sampled_from(SCALARS)),
    st.builds("{}- {}".format, st.sampled_from(["", "  ", " "]), st.sampled_from(SCALARS)),
    st.sampled_from(["", "   ", "# comment", "  more", "...", "---"]),
)  # fmt: skip
TOML_VALUES = [
    '"text"', '""', '"a = b # c"', '"it\'s"', "'a \"b\" c'", "''", '"es\\\\c"', '"é — 漢字"', '"\t"', '"""x"""', "\'\'\'x\'\'\'",
    "true", "false", "True", "2021-06-12", "2021-13-12", "2021-06-12T09:30:00Z", "09:30:00", "12", "-1", "1.5", "inf",
    "[]", "[ ]", '["a"]', '["a", "b, c"]', '["a",]', '["a" "b"]', '[,]', "['a']", '["a]", "[b"]', '[["a"]]', "[1, 2]",
    "{ a = 1 }", '"a" # comment', '"a', 'a"', "", '"a" "b"', '"\x7f"', '"\u2028"', '[ "a" , "b" ] ', "٢٠٢١-٠٦-١٢", '["a"] ["b"]',
]  # fmt: skip
TOML_LINES = st.one_of(
    st.builds("{}{}={}{}".format, st.sampled_from(["a", "title", "b-c", "d_e", "1", "é", "x y", '"q"', "a.b", " a"]),
              st.sampled_from([" ", ""]), st.sampled_from([" ", "  ", "\t"]), st.sampled_from(TOML_VALUES)),
    st.sampled_from(["", "   ", "# comment", "#\x01", "[table]", "[[tables]]", "prose", "+++"]),
)  # fmt: skip


def read_toml(source: str) -> object:
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError:
        return None


@given(st.lists(TOML_LINES, max_size=6))
def test_what_is_read_is_read_as_tomllib_reads_it(lines: list[str]) -> None:
    source = "\n".join(lines)
    assert parse_plain_toml(source) in (None, read_toml(source))


@pytest.mark.parametrize("value", TOML_VALUES)
def test_each_value_is_read_alike_or_left_to_tomllib(value: str) -> None:
    source = f'x = "y"\nkey = {value}\n'
    assert parse_plain_toml(source) in (None, read_toml(source))


def test_common_front_matter_in_toml_is_read() -> None:
    source = (
        '# A post\ntitle = "A = title"\ndate = 2019-05-06\ntags = ["work", "the sea"]\n\n'
        "draft = false\nslug = 'a-title'\nlinks = []\n"
    )
    assert parse_plain_toml(source) == {
        "title": "A = title",
        "date": date(2019, 5, 6),
        "tags": ["work", "the sea"],
        "draft": False,
        "slug": "a-title",
        "links": [],
    }


@given(st.lists(LINES, max_size=6))
def test_what_is_read_is_read_as_pyyaml_reads_it(lines: list[str]) -> None:
    source = "\n".join(lines)
    parsed = parse_plain_yaml(source)
    if parsed is not None:
        assert parsed == yaml.load(source, Loader=yaml.BaseLoader)  # noqa: S506  makes strings only


@pytest.mark.parametrize("scalar", SCALARS)
def test_each_scalar_is_read_alike_or_left_to_pyyaml(scalar: str) -> None:
    for source in (f"key: {scalar}", f"key:\n- {scalar}\n- x\nnext: y", f"a:\n  - {scalar}\nb:"):
        parsed = parse_plain_yaml(source)
        if parsed is not None:
            assert parsed == yaml.load(source, Loader=yaml.BaseLoader)  # noqa: S506  makes strings only


def test_common_front_matter_is_read() -> None:
    source = (
        'title: "A: title"\nauthor: Ann Lamb\ndate: 2021-06-12 09:30:00 +0900\n'
        "tags: [work, the sea]\ncategories:\n  - one\n  - 'two'\n\ndraft: false\nlayout:\n"
    )
    assert parse_plain_yaml(source) == {
        "title": "A: title",
        "author": "Ann Lamb",
        "date": "2021-06-12 09:30:00 +0900",
        "tags": ["work", "the sea"],
        "categories": ["one", "two"],
        "draft": "false",
        "layout": "",
    }
