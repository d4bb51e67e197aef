"""Settings from `config.toml` and `READER_*` variables as one checked value; local time.

The file is only read, never written. A setting that is wrong becomes a warning, and its
default is used.
"""

from __future__ import annotations

import errno
import stat
import sys
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from reader.errors import BadSetting
from reader.layout.lines import DEFAULT_STYLE, MAX_LINE_SPACING, NARROWEST, WIDEST, ParagraphStyle
from reader.text.cells import sanitize_line
from reader.text.document import LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


SORTS: Final = (
    "suggested", "newest", "title", "author", "length", "shortest-left", "recently-read", "path",
)  # fmt: skip
"""The orders in which the shelf can show stories."""
_MAX_SHOWN_VALUE: Final = 40
"""Characters of a wrong value that a warning shows."""


class FolderSetting(NamedTuple):
    """A folder of the library."""

    path: str
    """As it is written; `~` stands for the home folder."""
    name: str = ""
    sort: str = ""
    """The order of its stories."""
    globs: tuple[str, ...] = ()
    """Patterns of the names of its stories."""


class Config(NamedTuple):
    """The settings. None means that a setting is not given."""

    theme: str | None = None
    measure: int | None = None
    """The preferred width of the text, in cells."""
    keys: Mapping[str, str] = MappingProxyType({})
    """Keys by command id, separated by commas, which replace the command's own keys."""
    warnings: tuple[str, ...] = ()
    """What was wrong in the settings, one line each, sanitised."""
    from_environment: frozenset[str] = frozenset()
    """Settings given by `READER_*` variables. They win over choices made in the app."""
    justified: bool | None = None
    hyphens: bool | None = None
    """Words are hyphenated at line ends. If not given, they are where text is justified."""
    indent: bool | None = None
    spacing: int | None = None
    """Rows from one line of prose to the next."""
    transparent: bool | None = None
    """The terminal's own background is used."""
    scrollbar: bool | None = None
    """A mark in the last column shows how far down the page is. It does if not given."""
    library: tuple[FolderSetting, ...] = ()
    """Folders whose stories plain `reader` shows."""
    folder: tuple[FolderSetting, ...] = ()
    """More of them, with settings of their own."""
    bundled: bool | None = None
    """The stories that come with the program are shown. They are if not given."""
    drafts: bool | None = None
    """Stories whose front matter says `draft: true` are shown."""

    @property
    def paragraph_style(self) -> ParagraphStyle:
        """How paragraphs are set by these settings."""
        justified = bool(self.justified)
        hyphenates = justified if self.hyphens is None else self.hyphens
        return ParagraphStyle(
            justified,
            LANGUAGE if hyphenates else DEFAULT_STYLE.hyphen_language,
            bool(self.indent),
            self.spacing or DEFAULT_STYLE.spacing,
        )


def read_config(path: Path | None, environ: Mapping[str, str]) -> Config:
    """Read the settings from the file at `path` and from `READER_*` in `environ`, which win.

    Raises nothing: a file that can't be read and a wrong setting become warnings.
    """
    settings: dict[str, Any] = {}
    warnings: list[str] = []
    from_environment: set[str] = set()
    for name, value in _read_file(path, warnings).items():
        valid = _drop_wrong_keys(value, str(path), warnings) if name == "keys" else value
        if name in ("library", "folder"):
            valid = _drop_wrong_folders(name, value, f"{path}: {name}", warnings)
        _apply_setting(settings, name, valid, f"{path}: {name}", warnings)
    for name in _VALIDATORS:
        variable = f"READER_{name.upper()}"
        text = environ.get(variable)
        if not text or name in ("keys", "folder"):
            continue
        if _apply_setting(settings, name, _parse_variable(text), variable, warnings):
            from_environment.add(name)
    if settings.get("hyphens") and not _has_dictionaries():
        warnings.append(format_missing_dictionaries(Path(sys.prefix)))
    return Config(
        **settings, from_environment=frozenset(from_environment), warnings=tuple(warnings)
    )


def parse_measure(text: str) -> int | None:
    """Return the measure (cells) that is stored as `text`, None if it can't be a setting."""
    try:
        measure: int = _VALIDATORS["measure"](_parse_variable(text))
    except BadSetting:
        return None
    return measure


def _parse_variable(text: str) -> object:
    """Return a variable's value as TOML would: a number, true or false, else text."""
    if text.isdecimal() and len(text) < 5:
        return int(text)
    return {"true": True, "false": False}.get(text.lower(), text)


def format_missing_dictionaries(prefix: Path) -> str:
    """Return the warning that words can't be hyphenated in the environment at `prefix`.

    The advice is for what has made the environment: pipx, uv or neither.
    """
    if (prefix / "pipx_metadata.json").exists():
        command = "pipx inject essay-reader pyphen"
    elif (prefix / "uv-receipt.toml").exists():
        command = f"uv pip install --python {prefix} pyphen"
    else:
        command = f"{prefix / 'bin' / 'python'} -m pip install pyphen"
    return (
        "hyphens: the hyphenation dictionaries are missing, so no words are hyphenated;"
        f" install them with: {sanitize_line(command)}"
    )


def _has_dictionaries() -> bool:
    from reader.layout.hyphenation import is_installed

    return is_installed()


def _read_file(path: Path | None, warnings: list[str]) -> dict[str, Any]:
    """Return the settings in the file at `path`, or none with a warning if it can't be read."""
    if path is None:
        return {}
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            problem = "is a folder" if path.is_dir() else "is no regular file"
            raise BadSetting(f"{problem}; put a text file in its place")
        import tomllib  # most users have no settings file

        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except BadSetting as error:
        problem = str(error)
    except FileNotFoundError:
        if not path.is_symlink():
            return {}
        problem = "is a link to a file that doesn't exist; correct the link"
    except OSError as error:
        advice = "correct the link" if error.errno == errno.ELOOP else "make it readable"
        problem = f"can't be read ({error.strerror}); {advice}"
    except (ValueError, RecursionError) as error:
        problem = f"is not valid TOML ({error}); correct it"
    warnings.append(sanitize_line(f"{path}: the file {problem}, until then defaults are used"))
    return {}


def _apply_setting(
    settings: dict[str, Any], name: str, value: object, label: str, warnings: list[str]
) -> bool:
    """Add a valid setting to `settings`, else add a warning; return whether it was valid.

    `label` says where the setting was given; a warning starts with it.
    """
    try:
        if name not in _VALIDATORS:
            raise BadSetting(f"is not a setting; {_suggest(name, _VALIDATORS)}")
        settings[name] = _VALIDATORS[name](value)
    except BadSetting as error:
        warnings.append(sanitize_line(f"{label} {error}"))
        return False
    return True


def _suggest(name: str, names: Mapping[str, object]) -> str:
    from difflib import get_close_matches  # needed only for an unknown name

    matches = get_close_matches(name, names, 1)
    return f"did you mean '{matches[0]}'?" if matches else f"the settings are: {', '.join(names)}"


def _format_value(value: object) -> str:
    """Return `value` nearly as TOML writes it, cut after some characters."""
    if isinstance(value, bool):
        return str(value).lower()
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= _MAX_SHOWN_VALUE else text[: _MAX_SHOWN_VALUE - 1] + "…"


def _validate_theme(value: object) -> str:
    if not isinstance(value, str):
        raise BadSetting(f'must be a name in quotes, such as "night", not {_format_value(value)}')
    return value


def _make_range_validator(first: int, last: int) -> Callable[[object], int]:
    def validate(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not first <= value <= last:
            raise BadSetting(
                f"must be a whole number from {first} to {last}, not {_format_value(value)}"
            )
        return value

    return validate


def _validate_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadSetting(f"must be true or false, not {_format_value(value)}")
    return value


def _validate_keys(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise BadSetting(
            f'must be a table of lines such as next-story = "w", not {_format_value(value)}'
        )
    return {str(name): keys for name, keys in value.items()}


def _validate_library(value: object) -> tuple[FolderSetting, ...]:
    paths = value if isinstance(value, list) else [value]
    if not all(isinstance(path, str) and path for path in paths):
        raise BadSetting(
            f'must be a folder in quotes, such as "~/essays", or a list of them,'
            f" not {_format_value(paths[0] if len(paths) == 1 else value)}"
        )
    return tuple(FolderSetting(_check_path(str(path))) for path in paths)


def _validate_folders(value: object) -> tuple[FolderSetting, ...]:
    tables = value if isinstance(value, list) else [value]
    if not all(isinstance(table, dict) for table in tables):
        raise BadSetting(f'must be a table [[folder]] with a line path = "~/essays", not {value}')
    return tuple(map(_validate_folder, tables))


def _drop_wrong_folders(name: str, folders: object, label: str, warnings: list[str]) -> object:
    """Return a list of folders without those that are wrong, each with a warning."""
    if not isinstance(folders, list):
        return folders
    found: dict[str, object] = {name: []}
    return [each for each in folders if _apply_setting(found, name, [each], label, warnings)]


def _validate_folder(table: dict[str, object]) -> FolderSetting:
    """Return one table `[[folder]]` as a value."""
    names = ("path", "name", "sort", "glob")
    if unknown := [name for name in table if name not in names]:
        raise BadSetting(
            f"has no line '{unknown[0]}'; {_suggest(unknown[0], dict.fromkeys(names))}"
        )
    globs = table.get("glob", [])
    globs = [globs] if isinstance(globs, str) else globs
    texts = [table.get(name, "") for name in names[:3]]
    if not isinstance(globs, list):
        raise BadSetting(f'needs a pattern such as glob = "*.md", not {_format_value(globs)}')
    if wrong := [text for text in (*texts, *globs) if not isinstance(text, str)]:
        raise BadSetting(f"needs text in quotes, not {_format_value(wrong[0])}")
    path, name, sort = map(str, texts)
    if not path:
        raise BadSetting('needs a line such as path = "~/essays"')
    if sort and sort not in SORTS:
        raise BadSetting(f"has no order '{sort}'; the orders are: {', '.join(SORTS)}")
    return FolderSetting(_check_path(path), name, sort, tuple(map(str, globs)))


def _check_path(path: str) -> str:
    if "\0" in path or not path.startswith(("/", "~")):
        raise BadSetting(f"must be a path that begins with / or ~, not {_format_value(path)}")
    return path


def _drop_wrong_keys(table: object, path: str, warnings: list[str]) -> object:
    """Return the table of keys without the lines that are no text, each with a warning."""
    if not isinstance(table, dict):
        return table
    for name, keys in table.items():
        if not isinstance(keys, str):
            problem = f'must be keys in quotes, such as "w", not {_format_value(keys)}'
            warnings.append(sanitize_line(f"{path}: keys: {name} {problem}"))
    return {name: keys for name, keys in table.items() if isinstance(keys, str)}


_VALIDATORS: Final[dict[str, Callable[[object], Any]]] = {
    "theme": _validate_theme,
    "measure": _make_range_validator(NARROWEST, WIDEST),
    "keys": _validate_keys,
    "justified": _validate_flag,
    "hyphens": _validate_flag,
    "indent": _validate_flag,
    "spacing": _make_range_validator(1, MAX_LINE_SPACING),
    "transparent": _validate_flag,
    "scrollbar": _validate_flag,
    "library": _validate_library,
    "folder": _validate_folders,
    "bundled": _validate_flag,
    "drafts": _validate_flag,
}
"""The settings by name, with the function that returns a valid value or raises `BadSetting`."""
SETTINGS: Final = frozenset(_VALIDATORS)
"""The names of all settings."""
