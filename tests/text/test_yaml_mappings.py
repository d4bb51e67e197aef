from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reader.text.yaml_mappings import parse_plain_yaml

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
