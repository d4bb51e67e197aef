"""Settings: `config.toml` and `READER_*` as one validated value, and the local time zone.

The file is never written.
"""

from __future__ import annotations

from datetime import UTC, datetime
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from reader.errors import BadSetting
from reader.layout.lines import NARROWEST, PLAIN, WIDEST, WIDEST_SPACING, Composition
from reader.text.cells import clean_line
from reader.text.document import LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


NO_DICTIONARIES: Final = (
    "hyphens: no words are divided without their dictionaries; "
    "install them with: pip install 'essay-reader[hyphens]'"
)


class Config(NamedTuple):
    """The settings, each None where nothing was said."""

    theme: str | None = None
    measure: int | None = None
    keys: Mapping[str, str] = MappingProxyType({})
    """Other keys for a command, by its id; several are parted by commas."""
    notes: tuple[str, ...] = ()
    """What was wrong, a line each."""
    pressing: frozenset[str] = frozenset()
    """Settings said by `READER_*`, which win over what was chosen in the app."""
    justified: bool | None = None
    hyphens: bool | None = None
    """Words are divided at line ends; unless it is said, where text is justified."""
    indent: bool | None = None
    spacing: int | None = None
    transparent: bool | None = None
    """The terminal's own background shows through."""

    @property
    def composition(self) -> Composition:
        """The manner in which paragraphs are set."""
        justified = bool(self.justified)
        divides = justified if self.hyphens is None else self.hyphens
        return Composition(
            justified,
            LANGUAGE if divides else PLAIN.hyphens,
            bool(self.indent),
            self.spacing or PLAIN.spacing,
        )


def load(path: Path | None, environ: Mapping[str, str]) -> Config:
    """Read the settings from the file at `path` and from `READER_*`, which win."""
    notes: list[str] = []
    said: dict[str, Any] = {}
    pressing: set[str] = set()
    for name, value in _file(path, notes).items():
        _take(said, name, value, f"{path}", notes)
    for name in _READERS:
        text = environ.get(f"READER_{name.upper()}")
        if not text or name == "keys":
            continue
        if _take(said, name, _typed(text), f"READER_{name.upper()}", notes):
            pressing.add(name)
    if said.get("hyphens") and not _has_dictionaries():
        notes.append(NO_DICTIONARIES)
    return Config(**said, pressing=frozenset(pressing), notes=tuple(notes))


def _typed(text: str) -> object:
    """Return what a variable says as TOML would: a number, true or false, else text."""
    if text.isdecimal() and len(text) < 5:
        return int(text)
    return {"true": True, "false": False}.get(text.lower(), text)


def _has_dictionaries() -> bool:
    from reader.layout.hyphenation import is_installed

    return is_installed()


def _file(path: Path | None, notes: list[str]) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        if not path.is_file():
            return {}
        import tomllib  # most have no such file

        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        notes.append(clean_line(f"{path}: not read: {reason}"))
        return {}


def _take(said: dict[str, Any], name: str, value: object, where: str, notes: list[str]) -> bool:
    """Take a setting in if it is right, else note why not; tell which."""
    try:
        if name not in _READERS:
            raise BadSetting(f"there is no setting '{name}'{_nearest(name, _READERS)}")
        said[name] = _READERS[name](value)
    except BadSetting as error:
        notes.append(clean_line(f"{where}: {error}"))
        return False
    return True


def _nearest(word: str, words: Mapping[str, object]) -> str:
    near = get_close_matches(word, words, 1)
    return f"; did you mean '{near[0]}'?" if near else f" (there are: {', '.join(words)})"


def _theme(value: object) -> str:
    if not isinstance(value, str):
        raise BadSetting('theme: a name in quotes is needed, such as "night"')
    return value


def _measure(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not NARROWEST <= value <= WIDEST:
        raise BadSetting(f"measure: a number from {NARROWEST} to {WIDEST} is needed")
    return value


def _flag(name: str) -> Callable[[object], bool]:
    def read(value: object) -> bool:
        if not isinstance(value, bool):
            raise BadSetting(f"{name}: true or false is needed")
        return value

    return read


def _spacing(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= WIDEST_SPACING:
        raise BadSetting(f"spacing: a number from 1 to {WIDEST_SPACING} is needed")
    return value


def _keys(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise BadSetting('keys: needed are lines such as next-story = "n,right_square_bracket"')
    return {str(name): keys for name, keys in value.items()}


_READERS: Final[dict[str, Callable[[object], Any]]] = {
    "theme": _theme,
    "measure": _measure,
    "keys": _keys,
    "justified": _flag("justified"),
    "hyphens": _flag("hyphens"),
    "indent": _flag("indent"),
    "spacing": _spacing,
    "transparent": _flag("transparent"),
}


def to_local(when: datetime) -> datetime:
    """Return an aware time in the system's time zone, or in UTC if Python can't use that.

    `TZ=UTC+0200` is such a zone: POSIX reads it as 200 hours.
    """
    try:
        return when.astimezone()
    except (ValueError, OverflowError, OSError):
        return when.astimezone(UTC)
