"""Web addresses, read as a browser does, so that the real host of an address is known."""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from unicodedata import category
from urllib.parse import quote, unquote, urlsplit

MAX_ADDRESS_CHARACTERS: Final = 8_000
"""The longest address that is opened. RFC 9110 asks every server to accept as much."""
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_NOT_AN_ADDRESS: Final = "not an address"
_FORBIDDEN_IN_HOST: Final = r"[\x00-\x20\x7f#%/:<>?@\[\\\]^|]"
"""The forbidden domain code points of the URL standard."""
_IGNORED_IN_HOST: Final = (
    r"[\u00ad\u034f\u180b-\u180f\u200b\u2060\u2064\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]"
)
"""Characters that the mapping of international names (UTS 46) removes."""
_MAPPED_CHARACTER: Final = r"[^\u00df\u03c2\u200c\u200d]+"
"""Text without the characters that this mapping keeps, though lower case would change them."""
_VIRAMA: Final = 9
"""The combining class of the signs that join two letters of an Indic script."""
_UNENCODED: Final = "!#$%&'()*+,-./:;=?@[]_~"
"""Characters that stay as they are after the host of an address."""


class WebAddress(NamedTuple):
    """An address as it is opened, in printable ASCII."""

    url: str
    host: str
    """The host that a browser connects to, international names as `xn--`; or who gets the mail."""


def find_host(url: str) -> str:
    """Return the host in an address as it is written, for a message; empty if it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # whoever opens the address says what is wrong with it
        return ""


def parse_web_address(text: str) -> WebAddress:
    """Return the http, https or mailto address `text`, read as the URL standard of browsers says.

    Raises `ValueError`, whose message says why the address can't be opened.
    """
    text = re.sub(r"[\t\n\r]", "", text.strip("".join(map(chr, range(0x21)))))
    scheme, colon, rest = text.partition(":")
    scheme = scheme.lower()
    if not colon or scheme not in (*_DEFAULT_PORTS, "mailto"):
        raise ValueError("only http, https and mailto are followed")
    try:
        address = _parse_mailto(rest) if scheme == "mailto" else _parse_hierarchy(scheme, rest)
    except UnicodeError as error:
        raise ValueError(_NOT_AN_ADDRESS) from error
    if len(address.url) > MAX_ADDRESS_CHARACTERS:
        raise ValueError("too long to be opened")
    return address


def _parse_mailto(rest: str) -> WebAddress:
    recipients, _, fields = rest.partition("?")
    if not recipients:
        raise ValueError("names nobody to write to")
    if re.search(r"(?i)(^|&)attach(ment)?=", unquote(fields)):  # some mail programs obey it
        raise ValueError("asks to attach a file")
    return WebAddress(f"mailto:{_encode_rest(rest)}", _encode_rest(recipients))


def _parse_hierarchy(scheme: str, rest: str) -> WebAddress:
    """Return the web address of `scheme` with the `rest` of the text after its colon."""
    authority, rest = _split(r"[/\\?#]", rest.lstrip("/\\"))
    user, at, authority = authority.rpartition("@")
    name, colon, password = user.partition(":")
    user = f"{quote(name, safe='%')}{colon}{quote(password, safe='%')}{at}"
    host, port = _split(r":(?![^\[]*\])", authority)
    host, port = _parse_host(host), _parse_port(port[1:], _DEFAULT_PORTS[scheme])
    path, after_path = _split("[?#]", rest)
    path = path.replace("\\", "/")
    return WebAddress(f"{scheme}://{user}{host}{port}{_encode_rest(path + after_path)}", host)


def _split(pattern: str, text: str) -> tuple[str, str]:
    """Return `text` up to the first match of `pattern`, and from there on."""
    match = re.search(pattern, text)
    return (text[: match.start()], text[match.start() :]) if match else (text, "")


def _encode_rest(text: str) -> str:
    """Return what comes after the host, with all but the usual ASCII characters as escapes."""
    return quote(text, safe=_UNENCODED)


def _parse_port(digits: str, default: int) -> str:
    """Return a port with its colon, or nothing for the default port."""
    if not re.fullmatch("0*[0-9]{0,5}", digits) or int(digits or default) > 0xFFFF:
        raise ValueError(_NOT_AN_ADDRESS)
    port = int(digits or default)
    return "" if port == default else f":{port}"


def _parse_host(text: str) -> str:
    """Return a host in ASCII and lower case. Raises `ValueError` if it is none."""
    if text.startswith("["):
        return _parse_ipv6(text)
    host = _map_to_ascii(unquote(text))
    if not host or re.search(_FORBIDDEN_IN_HOST, host):
        raise ValueError(_NOT_AN_ADDRESS)
    parts = host.removesuffix(".").split(".")
    is_number = re.fullmatch("[0-9]+|0x[0-9a-f]*", parts[-1])
    return _parse_ipv4(parts) if is_number else host


def _map_to_ascii(host: str) -> str:
    """Return `host` with its international labels as punycode. Raises `ValueError`.

    Follows UTS 46, but judges by general categories which characters are allowed. A browser may
    refuse a name that is returned; it never reads it as another one.
    """
    import unicodedata  # only links to the outside need it

    def map_case(match: re.Match[str]) -> str:
        folded = unicodedata.normalize("NFKC", match[0]).casefold()
        return unicodedata.normalize("NFKC", folded)

    if host.isascii():
        host = host.lower()
    else:
        if "\u1e9e" in host:  # its mapping has changed between versions
            raise ValueError(_NOT_AN_ADDRESS)
        host = re.sub(_MAPPED_CHARACTER, map_case, re.sub(_IGNORED_IN_HOST, "", host))
        host = unicodedata.normalize("NFC", re.sub("[\u3002\uff0e\uff61]", ".", host))
    labels = host.split(".")
    for number, label in enumerate(labels):
        is_encoded = label.startswith("xn--")
        name = label[4:].encode("ascii").decode("punycode") if is_encoded else label
        if (is_encoded or not name.isascii()) and not _is_allowed_label(name):
            raise ValueError(_NOT_AN_ADDRESS)
        if not name.isascii():
            labels[number] = f"xn--{name.encode('punycode').decode('ascii')}"
    return ".".join(labels)


def _is_allowed_label(label: str) -> bool:
    """Return whether an international label has only characters that a name may have."""
    from unicodedata import bidirectional, combining

    for before, character, after in zip(f".{label}", label, f"{label[1:]}.", strict=False):
        if character in "\u200c\u200d":  # joiners: after a virama, or between Arabic letters
            is_arabic = bidirectional(before) == bidirectional(after) == "AL"
            if combining(before) != _VIRAMA and not (character == "\u200c" and is_arabic):
                return False
        elif category(character)[0] in "CZ" or character == "\ufffd":
            return False
    return category(label[:1] or ".")[0] != "M" and not label.isascii()


def _parse_ipv4(parts: list[str]) -> str:
    """Return an IPv4 address with decimal numbers. Its parts may be octal or hexadecimal."""
    numbers = [_parse_number(part) for part in parts]
    if len(numbers) > 4 or any(number > 255 for number in numbers[:-1]):
        raise ValueError(_NOT_AN_ADDRESS)
    free_bytes = 5 - len(numbers)
    if numbers[-1] >= 256**free_bytes:
        raise ValueError(_NOT_AN_ADDRESS)
    value = [*numbers[:-1], *numbers[-1].to_bytes(free_bytes, "big")]
    return ".".join(map(str, value))


def _parse_number(part: str) -> int:
    if not re.fullmatch("0x[0-9a-f]{0,64}|[0-9]{1,64}", part):
        raise ValueError(_NOT_AN_ADDRESS)
    base = 16 if part.startswith("0x") else 8 if part.startswith("0") else 10
    try:
        return int(part[2 if base == 16 else 0 :] or "0", base)
    except ValueError as error:  # a digit above 7
        raise ValueError(_NOT_AN_ADDRESS) from error


def _parse_ipv6(text: str) -> str:
    """Return an IPv6 address in its shortest form, with its brackets."""
    from ipaddress import IPv6Address

    if not re.fullmatch(r"\[[0-9a-fA-F:.]+\]", text):
        raise ValueError(_NOT_AN_ADDRESS)
    try:
        groups = IPv6Address(text[1:-1]).exploded.split(":")
    except ValueError as error:
        raise ValueError(_NOT_AN_ADDRESS) from error
    short = ":".join(group.lstrip("0") or "0" for group in groups)
    zeros = max(re.findall(r"(?<![0-9a-f])0(?::0)+(?![0-9a-f])", short), key=len, default="")
    if zeros:
        before, _, after = f":{short}:".partition(f":{zeros}:")
        short = f"{before.lstrip(':')}::{after.rstrip(':')}"
    return f"[{short}]"
