"""A web address is read as browsers read it, so that the host that is shown is the real one."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.text.web_addresses import WebAddress, parse_web_address

HOSTS = {
    "https://example.org": "example.org",
    "HTTPS://EXAMPLE.org:443/a?b#c": "example.org",
    "https://evil.example\\@good.example/login": "evil.example",
    "https://evil.example\\\\@good.example/login": "evil.example",
    "https:\\\\evil.example/good.example": "evil.example",
    "https:evil.example/good.example": "evil.example",
    "https:///evil.example": "evil.example",
    " \x01\thttps://ex\nam\tple.o\rrg/ ": "example.org",
    "https://good.example@evil.example/": "evil.example",
    "https://good.example:80@evil.example/": "evil.example",
    "https://a@good.example@evil.example/": "evil.example",
    "https://good.example%2F@evil.example": "evil.example",
    "https://evil.example?@good.example/": "evil.example",
    "https://evil.example#@good.example/": "evil.example",
    "https://%65vil.example/": "evil.example",
    "https://evil%E3%80%82example/": "evil.example",
    "https://evil\u3002example\uff0egood.example/": "evil.example.good.example",
    "https://\uff45\uff56\uff49\uff4c.example/": "evil.example",
    "https://ev\xadil.ex\u200bample/": "evil.example",
    "https://\u0430\u0440\u0440\u04cf\u0435.com/": "xn--80ak6aa92e.com",
    "https://ex\u0430mple.com/": "xn--exmple-4nf.com",
    "https://m\xfcnchen.example/": "xn--mnchen-3ya.example",
    "https://MU\u0308NCHEN.example/": "xn--mnchen-3ya.example",
    "https://fa\xdf.example/": "xn--fa-hia.example",
    "https://\u2603.example/": "xn--n3h.example",
    "https://\u211ail.example/": "qil.example",
    "http://0x7f.1/": "127.0.0.1",
    "http://0177.0.0.1/": "127.0.0.1",
    "http://2130706433/": "127.0.0.1",
    "http://127.1./": "127.0.0.1",
    "http://[::1]:8080/": "[::1]",
    "http://[2001:DB8:0:0:1:0:0:1]/": "[2001:db8::1:0:0:1]",
    "http://[::ffff:1.2.3.4]/": "[::ffff:102:304]",
    "http://[1:0:0:2:0:0:0:3]/": "[1:0:0:2::3]",
    "mailto:ann@example.org?subject=Hi": "ann@example.org",
}
"""Addresses and the host that a browser connects to, checked with the parser of Node 20."""


@pytest.mark.parametrize("address", HOSTS)
def test_the_host_is_the_one_that_a_browser_visits(address: str) -> None:
    assert parse_web_address(address).host == HOSTS[address]


@pytest.mark.parametrize("address", HOSTS)
def test_the_address_that_is_opened_has_that_host_for_every_program(address: str) -> None:
    url = parse_web_address(address).url
    host = urlsplit(url).hostname or urlsplit(url).path
    assert host == HOSTS[address].strip("[]")


URLS = {
    "https://example.org": "https://example.org",
    "http://example.org:080/a b": "http://example.org/a%20b",
    "https://example.org:8080": "https://example.org:8080",
    "https://example.org:0/": "https://example.org:0/",
    "https://example.org:/x": "https://example.org/x",
    "https://example.org\\a\\b?c=\\d": "https://example.org/a/b?c=%5Cd",
    "https://example.org/\x00x": "https://example.org/%00x",
    "https://example.org/a\nb\tc": "https://example.org/abc",
    "https://example.org/\xe9?\xe9#\xe9": "https://example.org/%C3%A9?%C3%A9#%C3%A9",
    "https://example.org/%e9%zz": "https://example.org/%e9%zz",
    "https://example.org/\u202e\x9b": "https://example.org/%E2%80%AE%C2%9B",
    "https://a/b@c": "https://a/b@c",
    "https://a\\b:c d@example.org/": "https://a/b:c%20d@example.org/",
    "https://a b:c:d@e@example.org/": "https://a%20b:c%3Ad%40e@example.org/",
    "mailto:a b@example.org?subject=\xe9\x1bx": "mailto:a%20b@example.org?subject=%C3%A9%1Bx",
}
"""Addresses as written and as opened."""


@pytest.mark.parametrize("address", URLS)
def test_an_address_is_opened_whole(address: str) -> None:
    assert parse_web_address(address).url == URLS[address]


REFUSED = {
    "javascript:alert(1)": "only http, https and mailto are followed",
    "java\nscript:alert(1)": "only http, https and mailto are followed",
    " file:///etc/passwd": "only http, https and mailto are followed",
    "data:text/html,x": "only http, https and mailto are followed",
    "//example.org/x": "only http, https and mailto are followed",
    "example.org": "only http, https and mailto are followed",
    "http://[v1.\xad]/": "not an address",
    "http://[::1%25lo]/": "not an address",
    "http://[::1/": "not an address",
    "http://::1/": "not an address",
    "https://": "not an address",
    "https://:80/": "not an address",
    "https://a@/": "not an address",
    "https://example.org:99999/": "not an address",
    "https://example.org:0080127/": "not an address",
    f"https://example.org:{'9' * 5_000}/": "not an address",
    "https://example.org:8a/": "not an address",
    "https://example.org:\u0661/": "not an address",
    "https://a b/": "not an address",
    "https://a%00b/": "not an address",
    "https://a<b/": "not an address",
    "https://a^b/": "not an address",
    "https://a%ff/": "not an address",
    "https://\u2100.example/": "not an address",
    "https://\ud800.example/": "not an address",
    "https://\u202eexample.org/": "not an address",
    "https://a\u200db.example/": "not an address",
    "https://\u0301a.example/": "not an address",
    "https://xn--/": "not an address",
    "https://xn--\xe9.example/": "not an address",
    "http://256.1.1.1/": "not an address",
    "http://1.2.3.4.5/": "not an address",
    "http://0x1ffffffff/": "not an address",
    "http://08.1/": "not an address",
    "http://a.1/": "not an address",
    "mailto:": "names nobody to write to",
    "mailto:a@b.c?attach=/etc/passwd": "asks to attach a file",
    "mailto:a@b.c?x=y&%61ttachment=x": "asks to attach a file",
    f"https://{'a' * 8_000}": "too long to be opened",
}
"""What is not opened, and why."""


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_no_address_is_refused_with_the_reason(address: str) -> None:
    with pytest.raises(ValueError, match=f"^{REFUSED[address]}$"):
        parse_web_address(address)


PARTS = (
    "https:", "http://", "mailto:", "/", "\\", "@", ":", ":80", ".", "[", "]", "::1", "0x7f", "1", "256", "%41",
    "%2e", "%ff", "?", "#", "xn--", "e", "\u0435", "\xdf", "\u200d", "\xad", "\u3002", "\u0301", "\x00", "\n", " ",
    "\u2100", "\u2603", "\u0627", "\U00010400", "\ud800",
)  # fmt: skip
ADDRESSES = st.lists(st.sampled_from(PARTS) | st.text(max_size=3), max_size=9).map("".join)


def parse(address: str) -> WebAddress | None:
    try:
        return parse_web_address(address)
    except UnicodeError:
        raise AssertionError("not a message for the reader") from None
    except ValueError:
        return None


@given(ADDRESSES)
def test_an_address_is_printable_ascii_and_means_the_same_when_it_is_read_again(text: str) -> None:
    address = parse(f"https:{text}")
    if address is not None:
        assert address.url.isascii()
        assert address.url.isprintable()
        assert " " not in address.url
        assert parse(address.url) == address


@given(ADDRESSES)
def test_only_web_addresses_are_read(text: str) -> None:
    address = parse(text)
    assert address is None or address.url.startswith(("https://", "http://", "mailto:"))
