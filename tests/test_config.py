"""Settings are read, never written; a wrong setting becomes a warning and keeps its default."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from unprivileged import give_to_unprivileged, make_unprivileged_folder, run_unprivileged

from reader.config import Config, format_missing_dictionaries, read_config
from reader.layout.lines import DEFAULT_STYLE, ParagraphStyle
from reader.paths import Paths

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def read(path: Path, text: str | bytes, **environ: str) -> Config:
    """Return the settings of a file that holds `text`."""
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_config(path, environ)


def list_warnings(path: Path, text: str | bytes, **environ: str) -> list[str]:
    return [line.removeprefix(f"{path}: ") for line in read(path, text, **environ).warnings]


def test_without_a_file_there_are_no_settings(path: Path) -> None:
    assert read_config(path, {}) == Config(None, None, {}, ())


def test_without_a_home_there_are_no_settings() -> None:
    assert read_config(None, {}) == Config(None, None, {}, ())


def test_theme_measure_and_keys_are_read(path: Path) -> None:
    text = 'theme = "day"\nmeasure = 72\n[keys]\nnext-story = "n,right_square_bracket"\n'
    keys = {"next-story": "n,right_square_bracket"}
    assert read(path, text) == Config("day", 72, keys, ())


def test_the_paragraph_style_is_read(path: Path) -> None:
    text = "justified = true\nhyphens = false\nindent = true\nspacing = 2\ntransparent = true\n"
    config = read(path, text)
    assert config.paragraph_style == ParagraphStyle(justified=True, indent=True, spacing=2)
    assert (config.transparent, config.warnings) == (True, ())


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", ""),
        ("justified = true", "en_US"),
        ("justified = true\nhyphens = false", ""),
        ("hyphens = true", "en_US"),
    ],
)
def test_words_are_hyphenated_in_justified_text_unless_set_otherwise(
    text: str, language: str, path: Path
) -> None:
    assert read(path, text).paragraph_style.hyphen_language == language


def test_a_storys_language_is_used_only_if_words_are_hyphenated(path: Path) -> None:
    assert read(path, "hyphens = true").paragraph_style.with_language("fr").hyphen_language == "fr"
    assert read(path, "").paragraph_style.with_language("fr") == DEFAULT_STYLE


@pytest.mark.parametrize(("value", "expected"), [("true", True), ("FALSE", False)])
def test_a_variable_may_be_true_or_false(value: str, expected: bool, path: Path) -> None:
    assert read(path, "", READER_JUSTIFIED=value).justified is expected
    assert read(path, "", READER_JUSTIFIED="yes").warnings == (
        'READER_JUSTIFIED must be true or false, not "yes"',
    )


def test_missing_dictionaries_are_reported_only_if_hyphens_are_set(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.layout.hyphenation.is_installed", lambda: False)
    (warning,) = read(path, "hyphens = true").warnings
    assert warning.startswith("hyphens: the hyphenation dictionaries are missing")
    assert read(path, "justified = true").warnings == ()


def test_the_advice_on_dictionaries_fits_the_installation(tmp_path: Path) -> None:
    def get_advice() -> str:
        return format_missing_dictionaries(tmp_path).partition(" with: ")[2]

    assert get_advice() == f"{tmp_path}/bin/python -m pip install pyphen"
    (tmp_path / "uv-receipt.toml").touch()
    assert get_advice() == f"uv pip install --python {tmp_path} pyphen"
    (tmp_path / "pipx_metadata.json").touch()
    assert get_advice() == "pipx inject essay-reader pyphen"


def test_a_byte_order_mark_and_crlf_are_accepted(path: Path) -> None:
    assert read(path, b'\xef\xbb\xbftheme = "day"\r\nmeasure = 60\r\n') == Config("day", 60, {}, ())


def test_the_environment_wins_over_the_file(path: Path) -> None:
    text = 'theme = "day"\nmeasure = 72\n'
    config = read(path, text, READER_THEME="night", READER_MEASURE="50")
    assert (config.theme, config.measure, config.warnings) == ("night", 50, ())


def test_an_empty_variable_is_ignored(path: Path) -> None:
    assert read(path, 'theme = "day"', READER_THEME="", READER_MEASURE="").theme == "day"


def test_keys_are_not_read_from_a_variable(path: Path) -> None:
    assert read(path, "", READER_KEYS="x") == Config(None, None, {}, ())


ALL_SETTINGS = "theme, measure, keys, justified, hyphens, indent, spacing, transparent, scrollbar"
ALL_SETTINGS += ", library, folder, bundled, drafts"
KEYS = 'keys must be a table of lines such as next-story = "w", not '
WRONG = {
    "measure = 19": "measure must be a whole number from 20 to 120, not 19",
    "measure = 121": "measure must be a whole number from 20 to 120, not 121",
    "measure = true": "measure must be a whole number from 20 to 120, not true",
    'measure = "66"': 'measure must be a whole number from 20 to 120, not "66"',
    "measure = 66.0": "measure must be a whole number from 20 to 120, not 66.0",
    "spacing = 3": "spacing must be a whole number from 1 to 2, not 3",
    "spacing = true": "spacing must be a whole number from 1 to 2, not true",
    "spacing = 1.5": "spacing must be a whole number from 1 to 2, not 1.5",
    "justified = 1": "justified must be true or false, not 1",
    'hyphens = "auto"': 'hyphens must be true or false, not "auto"',
    'indent = "true"': 'indent must be true or false, not "true"',
    "transparent = 0": "transparent must be true or false, not 0",
    'scrollbar = "off"': 'scrollbar must be true or false, not "off"',
    "theme = 1": 'theme must be a name in quotes, such as "night", not 1',
    'keys = "x"': f'{KEYS}"x"',
    "[keys]\nnext-story = 1": 'keys: next-story must be keys in quotes, such as "w", not 1',
    f'indent = "{"x" * 100}"': f'indent must be true or false, not "{"x" * 38}…',
    "them = 1": "them is not a setting; did you mean 'theme'?",
    "zzz = 1": f"zzz is not a setting; the settings are: {ALL_SETTINGS}",
    '"a\\u001b[31m\\nb" = 1': f"a\ufffd[31m b is not a setting; the settings are: {ALL_SETTINGS}",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_setting_becomes_a_warning_of_one_line(text: str, path: Path) -> None:
    assert list_warnings(path, text) == [WRONG[text]]
    assert read(path, text) == Config(warnings=read(path, text).warnings)


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_setting_leaves_the_others_valid(text: str, path: Path) -> None:
    right = "measure = 70\n" if text.startswith("theme") else 'theme = "day"\n'
    config = read(path, right + text)
    assert (config.theme, config.measure) in (("day", None), (None, 70))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("abc", '"abc"'),
        ("5", "5"),
        ("1000000000000", '"1000000000000"'),
        ("-66", '"-66"'),
        ("6 6", '"6 6"'),
        ("²", '"²"'),
    ],
)
def test_a_warning_names_the_variable_that_is_wrong(value: str, shown: str, path: Path) -> None:
    config = read(path, "measure = 70", READER_MEASURE=value)
    assert config.measure == 70
    assert config.warnings == (
        f"READER_MEASURE must be a whole number from 20 to 120, not {shown}",
    )


NOT_TOML = {
    "syntax": b"theme = day",
    "cut off": b'theme = "da',
    "not UTF-8": b'theme = "\xff"',
    "nested too deeply": b"a = " + b"[" * 10_000,
    "control character": b'theme = "\x1b"',
}


@pytest.mark.parametrize("case", NOT_TOML)
def test_a_file_that_is_not_toml_becomes_a_warning_of_one_line(case: str, path: Path) -> None:
    config = read(path, NOT_TOML[case])
    assert (config.theme, len(config.warnings)) == (None, 1)
    assert config.warnings[0].startswith(f"{path}: the file is not valid TOML (")
    assert config.warnings[0].endswith("); correct it, until then defaults are used")
    assert config.warnings[0].isprintable()


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        ("folder", "is a folder; put a text file in its place"),
        ("fifo", "is no regular file; put a text file in its place"),
        ("link to itself", "can't be read (Too many levels of symbolic links); correct the link"),
        ("link to nothing", "is a link to a file that doesn't exist; correct the link"),
    ],
)
def test_what_is_no_file_becomes_a_warning(kind: str, problem: str, path: Path) -> None:
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to(path if kind == "link to itself" else "nothing")
    assert read_config(path, {}).warnings == (
        f"{path}: the file {problem}, until then defaults are used",
    )


def test_every_wrong_line_of_the_keys_becomes_a_warning_and_the_others_are_used(
    path: Path,
) -> None:
    config = read(path, '[keys]\nfind = 1\nmark = "x"\nundo = ["u"]\n')
    assert config.keys == {"mark": "x"}
    assert [line.split(": ", 2)[2].split()[0] for line in config.warnings] == ["find", "undo"]


def test_a_file_without_read_permission_becomes_a_warning() -> None:
    with make_unprivileged_folder() as folder:
        path = folder / "config.toml"
        path.write_text('theme = "day"')
        give_to_unprivileged(path)
        path.chmod(0)
        warning = run_unprivileged(
            "from reader.config import read_config\nprint(read_config(pathlib.Path(sys.argv[1]), {}).warnings[0])",
            path,
        )
    assert warning == (
        f"{path}: the file can't be read (Permission denied); "
        "make it readable, until then defaults are used"
    )


def test_settings_reading_data_and_index_are_separate_files(home: Path) -> None:
    paths = Paths.default()
    files = [path for path in (paths.config, paths.state, paths.index) if path]
    assert [path.name for path in files] == ["config.toml", "state.db", "index.db"]
    assert all(path.is_relative_to(home) for path in files)
    assert {path.parent.name for path in files} == {"essay-reader"}


def test_asking_for_the_default_paths_creates_no_file(home: Path) -> None:
    Paths.default()
    assert list(home.iterdir()) == []


def test_settings_from_the_environment_are_listed() -> None:
    config = read_config(None, {"READER_MEASURE": "50", "READER_THEME": ""})
    assert config.from_environment == {"measure"}
