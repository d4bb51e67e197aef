"""Settings are read and never written; what is wrong is told and passed over, never fatal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from unprivileged import give, nobodys_folder, run_as_nobody

from reader.config import NO_DICTIONARIES_WARNING, Config, read_config
from reader.layout.lines import DEFAULT_STYLE, ParagraphStyle
from reader.paths import Paths

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def said(path: Path, text: str | bytes, **environ: str) -> Config:
    """Return the settings of a file that holds `text`."""
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_config(path, environ)


def notes(path: Path, text: str | bytes, **environ: str) -> list[str]:
    return [note.removeprefix(f"{path}: ") for note in said(path, text, **environ).warnings]


def test_without_a_file_nothing_is_said(path: Path) -> None:
    assert read_config(path, {}) == Config(None, None, {}, ())


def test_without_a_home_nothing_is_said() -> None:
    assert read_config(None, {}) == Config(None, None, {}, ())


def test_every_setting_is_read(path: Path) -> None:
    text = 'theme = "day"\nmeasure = 72\n[keys]\nnext-story = "n,right_square_bracket"\n'
    keys = {"next-story": "n,right_square_bracket"}
    assert said(path, text) == Config("day", 72, keys, ())


def test_how_paragraphs_are_set_is_read(path: Path) -> None:
    text = "justified = true\nhyphens = false\nindent = true\nspacing = 2\ntransparent = true\n"
    found = said(path, text)
    assert found.paragraph_style == ParagraphStyle(justified=True, indent=True, spacing=2)
    assert (found.transparent, found.warnings) == (True, ())


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", ""),
        ("justified = true", "en_US"),
        ("justified = true\nhyphens = false", ""),
        ("hyphens = true", "en_US"),
    ],
)
def test_words_are_divided_where_text_is_justified_unless_it_is_said(
    text: str, language: str, path: Path
) -> None:
    assert said(path, text).paragraph_style.hyphen_language == language


def test_a_storys_language_is_taken_if_words_are_divided_at_all(path: Path) -> None:
    assert said(path, "hyphens = true").paragraph_style.with_language("fr").hyphen_language == "fr"
    assert said(path, "").paragraph_style.with_language("fr") == DEFAULT_STYLE


@pytest.mark.parametrize(("value", "expected"), [("true", True), ("FALSE", False)])
def test_a_variable_may_say_true_or_false(value: str, expected: bool, path: Path) -> None:
    assert said(path, "", READER_JUSTIFIED=value).justified is expected
    assert said(path, "", READER_JUSTIFIED="yes").warnings == (
        "READER_JUSTIFIED: justified: true or false is needed",
    )


def test_hyphens_without_their_dictionaries_are_told_once(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.layout.hyphenation.is_installed", lambda: False)
    assert said(path, "hyphens = true").warnings == (NO_DICTIONARIES_WARNING,)
    assert said(path, "justified = true").warnings == ()


def test_a_byte_order_mark_and_crlf_are_no_matter(path: Path) -> None:
    assert said(path, b'\xef\xbb\xbftheme = "day"\r\nmeasure = 60\r\n') == Config("day", 60, {}, ())


def test_the_environment_wins_over_the_file(path: Path) -> None:
    text = 'theme = "day"\nmeasure = 72\n'
    found = said(path, text, READER_THEME="night", READER_MEASURE="50")
    assert (found.theme, found.measure, found.warnings) == ("night", 50, ())


def test_an_empty_variable_says_nothing(path: Path) -> None:
    assert said(path, 'theme = "day"', READER_THEME="", READER_MEASURE="").theme == "day"


def test_keys_come_from_the_file_alone(path: Path) -> None:
    assert said(path, "", READER_KEYS="x") == Config(None, None, {}, ())


WRONG = {
    "measure = 19": "measure: a number from 20 to 120 is needed",
    "measure = 121": "measure: a number from 20 to 120 is needed",
    "measure = true": "measure: a number from 20 to 120 is needed",
    'measure = "66"': "measure: a number from 20 to 120 is needed",
    "measure = 66.0": "measure: a number from 20 to 120 is needed",
    "spacing = 3": "spacing: a number from 1 to 2 is needed",
    "spacing = true": "spacing: a number from 1 to 2 is needed",
    "spacing = 1.5": "spacing: a number from 1 to 2 is needed",
    "justified = 1": "justified: true or false is needed",
    'hyphens = "auto"': "hyphens: true or false is needed",
    'indent = "true"': "indent: true or false is needed",
    "transparent = 0": "transparent: true or false is needed",
    "theme = 1": 'theme: a name in quotes is needed, such as "night"',
    'keys = "x"': 'keys: needed are lines such as next-story = "n,right_square_bracket"',
    "[keys]\nnext-story = 1": 'keys: needed are lines such as next-story = "n,right_square_bracket"',
    "them = 1": "there is no setting 'them'; did you mean 'theme'?",
    "zzz = 1": "there is no setting 'zzz' (there are: theme, measure, keys, justified, hyphens, indent, spacing, transparent)",
    '"a\\u001b[31m\\nb" = 1': "there is no setting 'a\ufffd[31m b' (there are: theme, measure, keys, justified, hyphens, indent, spacing, transparent)",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_setting_is_told_in_one_line_and_passed_over(text: str, path: Path) -> None:
    assert notes(path, text) == [WRONG[text]]
    assert said(path, text) == Config(warnings=said(path, text).warnings)


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_setting_costs_no_other(text: str, path: Path) -> None:
    right = "measure = 70\n" if text.startswith("theme") else 'theme = "day"\n'
    found = said(path, right + text)
    assert (found.theme, found.measure) in (("day", None), (None, 70))


@pytest.mark.parametrize("value", ["abc", "5", "1000000000000", "-66", "6 6", "²"])
def test_a_wrong_variable_is_told_by_its_name(value: str, path: Path) -> None:
    found = said(path, "measure = 70", READER_MEASURE=value)
    assert found.measure == 70
    assert found.warnings == ("READER_MEASURE: measure: a number from 20 to 120 is needed",)


UNREADABLE = {
    "no TOML": b"theme = day",
    "cut off": b'theme = "da',
    "no UTF-8": b'theme = "\xff"',
    "too deep": b"a = " + b"[" * 10_000,
    "a control": b'theme = "\x1b"',
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_file_that_is_no_toml_is_told_in_one_line(case: str, path: Path) -> None:
    found = said(path, UNREADABLE[case])
    assert (found.theme, len(found.warnings)) == (None, 1)
    assert found.warnings[0].startswith(f"{path}: not read: ")
    assert found.warnings[0].isprintable()


def test_a_folder_or_a_fifo_in_its_place_says_nothing(path: Path) -> None:
    path.mkdir()
    assert read_config(path, {}) == Config()
    path.rmdir()
    os.mkfifo(path)
    assert read_config(path, {}) == Config()


def test_a_file_one_may_not_read_is_told() -> None:
    with nobodys_folder() as folder:
        path = folder / "config.toml"
        path.write_text('theme = "day"')
        give(path)
        path.chmod(0)
        told = run_as_nobody(
            "from reader.config import read_config\nprint(read_config(pathlib.Path(sys.argv[1]), {}).warnings[0])",
            path,
        )
    assert told == f"{path}: not read: Permission denied"


def test_settings_memory_and_cache_are_kept_apart(home: Path) -> None:
    paths = Paths.default()
    found = [paths.config, paths.state, paths.index]
    assert [path.name for path in found if path] == ["config.toml", "state.db", "index.db"]
    assert all(
        path.is_relative_to(home) and path.parent.name == "essay-reader" for path in found if path
    )


def test_finding_the_places_makes_none(home: Path) -> None:
    Paths.default()
    assert list(home.iterdir()) == []


def test_what_the_environment_says_wins_over_what_was_chosen_in_the_app() -> None:
    config = read_config(None, {"READER_MEASURE": "50", "READER_THEME": ""})
    assert config.from_environment == {"measure"}
