"""Variables of Textual, Rich and Python: no value ends the program or makes it import anything."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import pytest
from pseudo_terminal import PseudoTerminal

from reader.cli.terminal import remove_textual_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.pty, pytest.mark.usefixtures("indexed_home")]

TEXTUAL: Final = {
    "TEXTUAL": "devtools,debug",
    "TEXTUAL_DRIVER": "imported:Driver",
    "TEXTUAL_COLOR_SYSTEM": "x",
    "TEXTUAL_FPS": "9" * 400,
    "TEXTUAL_DIM_FACTOR": "9" * 400,
    "TEXTUAL_ANIMATIONS": "x",
    "TEXTUAL_THEME": "nonsense",
    "TEXTUAL_SCREENSHOT": "0",
    "TEXTUAL_PRESS": "q",
    "TEXTUAL_DEBUG": "1",
    "TEXTUAL_LOG": "/nowhere/log",
    "ESCDELAY": "9" * 400,
    "COLUMNS": "²",
    "LINES": "-1",
}
OTHERS: Final = {
    "TERM": "bogus-\x1b[31m",
    "TZ": "\x1b[31m",
    "LC_ALL": "C",
    "UNICODE_VERSION": "../x",
    "FORCE_COLOR": "x",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONIOENCODING": "ascii",
    "PYTHONWARNINGS": "error",
    "PYTHONASYNCIODEBUG": "1",
    "PYTHONOPTIMIZE": "1",
    "PYTHONINSPECT": "1",
}


def test_the_app_runs_with_any_environment(
    write: Callable[[str, str], Path], tmp_path: Path
) -> None:
    (tmp_path / "imported.py").write_text(f"open({str(tmp_path / 'was-imported')!r}, 'w')")
    story = str(write("story.md", "# A story\n\nTold in a few words.\n"))
    with PseudoTerminal(
        [story], env={**TEXTUAL, **OTHERS, "PYTHONPATH": str(tmp_path)}
    ) as terminal:
        before = terminal.first_modes
        terminal.wait_for("Told in a few words")
        terminal.write(b"q")
        assert terminal.wait() == 0
        assert (terminal.list_unrestored(), terminal.modes()) == (set(), before)
        assert b"Traceback" not in terminal.output
    assert not (tmp_path / "was-imported").exists()


def test_a_wrong_value_of_a_useful_variable_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXTUAL_FPS", "30")
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "nonsense")
    monkeypatch.setenv("TEXTUAL_DRIVER", "os:system")
    assert remove_textual_settings() == ["TEXTUAL_ANIMATIONS is ignored: its value is not allowed."]
    assert {name for name in os.environ if name.startswith("TEXTUAL")} == {"TEXTUAL_FPS"}
