"""What is put off while Textual is imported, and that it is there when it is used."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module

import pytest

from reader.deferred_imports import ALIASES, CALLED, MISSING, UNUSED
from reader.ui.app import ReaderApp

PROGRAM = """
import json, sys
from reader.deferred_imports import CALLED, MISSING, defer_imports
with defer_imports():
    import asyncio
    from reader.ui.app import ReaderApp
names = {*CALLED, *MISSING}
result = {"loaded": sorted(names & set(sys.modules))}
import uuid
result["own"] = type(uuid).__name__
from textual.css.tokenizer import get_suggestion
result["suggestion"] = get_suggestion("colr", ["color", "width"])
from rich.style import Style
result["meta"] = Style(meta={"a": 1}).meta
from textual.app import CommandPalette
result["is_open"] = CommandPalette.is_open.__name__
import ssl
result["ssl"] = ssl.create_default_context().check_hostname
print(json.dumps(result))
"""


@pytest.fixture(scope="module")
def result() -> dict[str, object]:
    """Return what a new process finds after the app was imported with stand-ins."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True)
    values: dict[str, object] = json.loads(done.stdout)
    return values


def test_no_deferred_module_is_loaded_with_the_app(result: dict[str, object]) -> None:
    assert result["loaded"] == []


def test_an_import_after_it_gets_the_real_module(result: dict[str, object]) -> None:
    assert result["own"] == "module"


def test_a_deferred_function_does_what_the_real_one_does(result: dict[str, object]) -> None:
    assert result["suggestion"] == "color"


def test_two_deferred_functions_of_a_module_work_together(result: dict[str, object]) -> None:
    assert result["meta"] == {"a": 1}


def test_a_deferred_class_has_the_methods_of_the_real_one(result: dict[str, object]) -> None:
    assert result["is_open"] == "is_open"


def test_what_was_missing_can_be_imported_afterwards(result: dict[str, object]) -> None:
    assert result["ssl"] is True


@pytest.mark.parametrize(
    ("module", "name"),
    [(module, name) for table in (CALLED, UNUSED) for module in table for name in table[module]],
)
def test_the_real_module_has_the_name(module: str, name: str) -> None:
    assert hasattr(import_module(module), name)


@pytest.mark.parametrize("module", [*CALLED, *MISSING, *ALIASES.values()])
def test_the_module_exists(module: str) -> None:
    assert import_module(module).__name__ == module


def test_the_palette_of_textual_is_switched_off() -> None:
    assert not ReaderApp.ENABLE_COMMAND_PALETTE
