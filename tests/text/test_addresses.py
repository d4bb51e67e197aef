"""Addresses are formatted and parsed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.text.document import Anchor, Place
from reader.text.places import format_address, parse_address


@pytest.mark.parametrize(
    ("written", "anchor"),
    [
        ("1", Anchor(Place(0, 0), "", "")),
        ("12", Anchor(Place(11, 0), "", "")),
        ("12.40", Anchor(Place(11, 40), "", "")),
        ("12.40.0123456789ab", Anchor(Place(11, 40), "0123456789ab", "")),
    ],
)
def test_an_address_counts_blocks_from_one_and_characters_from_zero(
    written: str, anchor: Anchor
) -> None:
    assert parse_address(written) == anchor


@pytest.mark.parametrize(
    "text",
    ["", "0", "-1", "1.", ".1", "1.2.", "1.2.xyz", "1.2.0123456789AB", "1.2.0123456789ab.3", "٣",
     "1 ", "1\n", "9999999999", "example.org"],
)  # fmt: skip
def test_other_text_is_no_address(text: str) -> None:
    assert parse_address(text) is None


FINGERPRINTS = st.just("") | st.text("0123456789abcdef", min_size=12, max_size=12)


@given(st.integers(0, 99_999_999), st.integers(0, 999_999_999), FINGERPRINTS)
def test_a_formatted_address_is_parsed_to_the_same_anchor(
    block: int, offset: int, fingerprint: str
) -> None:
    anchor = Anchor(Place(block, offset), fingerprint, "")
    assert parse_address(format_address(anchor)) == anchor
