"""Settings: `config.toml` and `READER_*` as one validated value, and the local time zone.

The file is never written.
"""

from __future__ import annotations

from datetime import UTC, datetime
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from reader.errors import BadSetting
from reader.layout.lines import DEFAULT_STYLE, MAX_LINE_SPACING, NARROWEST, WIDEST, ParagraphStyle
from reader.text.cells import sanitize_line
from reader.text.document import LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


NO_DICTIONARIES_WARNING: Final = (
    "hyphens: no words are divided without their dictionaries; "
    "install them with: pip install 'essay-reader[hyphens]'"
)


class Config(NamedTuple):
    """The settings, each None where nothing was said."""

    theme: str | None = None
    measure: int | None = None
    keys: Mapping[str, str] = MappingProxyType({})
    """Other keys for a command, by its id; several are parted by commas."""
    warnings: tuple[str, ...] = ()
    """What was wrong, a line each."""
    from_environment: frozenset[str] = frozenset()
    """Settings said by `READER_*`, which win over what was chosen in the app."""
    justified: bool | None = None
    hyphens: bool | None = None
    """Words are divided at line ends; unless it is said, where text is justified."""
    indent: bool | None = None
    spacing: int | None = None
    transparent: bool | None = None
    """The terminal's own background shows through."""

    @property
    def paragraph_style(self) -> ParagraphStyle:
        """The manner in which paragraphs are set."""
        justified = bool(self.justified)
        divides = justified if self.hyphens is None else self.hyphens
        return ParagraphStyle(
            justified,
            LANGUAGE if divides else DEFAULT_STYLE.hyphen_language,
            bool(self.indent),
            self.spacing or DEFAULT_STYLE.spacing,
        )


def read_config(path: Path | None, environ: Mapping[str, str]) -> Config:
    """Read the settings from the file at `path` and from `READER_*`, which win."""
    notes: list[str] = []
    said: dict[str, Any] = {}
    pressing: set[str] = set()
    for name, value in _read_file(path, notes).items():
        _apply_setting(said, name, value, f"{path}", notes)
    for name in _VALIDATORS:
        text = environ.get(f"READER_{name.upper()}")
        if not text or name == "keys":
            continue
        if _apply_setting(said, name, _parse_value(text), f"READER_{name.upper()}", notes):
            pressing.add(name)
    if said.get("hyphens") and not _has_dictionaries():
        notes.append(NO_DICTIONARIES_WARNING)
    return Config(**said, from_environment=frozenset(pressing), warnings=tuple(notes))


def _parse_value(text: str) -> object:
    """Return what a variable says as TOML would: a number, true or false, else text."""
    if text.isdecimal() and len(text) < 5:
        return int(text)
    return {"true": True, "false": False}.get(text.lower(), text)


def _has_dictionaries() -> bool:
    from reader.layout.hyphenation import is_installed

    return is_installed()


def _read_file(path: Path | None, warnings: list[str]) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        if not path.is_file():
            return {}
        import tomllib  # most have no such file

        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        warnings.append(sanitize_line(f"{path}: not read: {reason}"))
        return {}


def _apply_setting(
    settings: dict[str, Any], name: str, value: object, source: str, warnings: list[str]
) -> bool:
    """Take a setting in if it is right, else note why not; tell which."""
    try:
        if name not in _VALIDATORS:
            raise BadSetting(f"there is no setting '{name}'{_format_suggestion(name, _VALIDATORS)}")
        settings[name] = _VALIDATORS[name](value)
    except BadSetting as error:
        warnings.append(sanitize_line(f"{source}: {error}"))
        return False
    return True


def _format_suggestion(word: str, words: Mapping[str, object]) -> str:
    near = get_close_matches(word, words, 1)
    return f"; did you mean '{near[0]}'?" if near else f" (there are: {', '.join(words)})"


def _validate_theme(value: object) -> str:
    if not isinstance(value, str):
        raise BadSetting('theme: a name in quotes is needed, such as "night"')
    return value


def _validate_measure(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not NARROWEST <= value <= WIDEST:
        raise BadSetting(f"measure: a number from {NARROWEST} to {WIDEST} is needed")
    return value


def _make_flag_validator(name: str) -> Callable[[object], bool]:
    def validate(value: object) -> bool:
        if not isinstance(value, bool):
            raise BadSetting(f"{name}: true or false is needed")
        return value

    return validate


def _validate_spacing(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_LINE_SPACING:
        raise BadSetting(f"spacing: a number from 1 to {MAX_LINE_SPACING} is needed")
    return value


def _validate_keys(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise BadSetting('keys: needed are lines such as next-story = "n,right_square_bracket"')
    return {str(name): keys for name, keys in value.items()}


_VALIDATORS: Final[dict[str, Callable[[object], Any]]] = {
    "theme": _validate_theme,
    "measure": _validate_measure,
    "keys": _validate_keys,
    "justified": _make_flag_validator("justified"),
    "hyphens": _make_flag_validator("hyphens"),
    "indent": _make_flag_validator("indent"),
    "spacing": _validate_spacing,
    "transparent": _make_flag_validator("transparent"),
}


def to_local(when: datetime) -> datetime:
    """Return an aware time in the system's time zone, or in UTC if Python can't use that.

    `TZ=UTC+0200` is such a zone: POSIX reads it as 200 hours.
    """
    try:
        return when.astimezone()
    except (ValueError, OverflowError, OSError):
        return when.astimezone(UTC)
