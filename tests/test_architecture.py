"""Limits that import contracts can't express: sizes, late imports, and calls on outside text."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "reader"
MODULES = sorted(
    path.relative_to(PACKAGE).with_suffix("").as_posix() for path in PACKAGE.rglob("*.py")
)
PACKAGES = sorted({path.parent for path in PACKAGE.rglob("*.py")})
MOST_LINES = 420
MOST_MODULES = 13
MOST_FILES = 220


def test_the_program_has_few_modules() -> None:
    assert len(MODULES) <= MOST_FILES


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_a_package_has_few_modules(package: Path) -> None:
    assert len([*package.glob("*.py")]) <= MOST_MODULES


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_short(module: str) -> None:
    assert len((PACKAGE / f"{module}.py").read_text().split("\n")) <= MOST_LINES


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_a_docstring(module: str) -> None:
    assert ast.get_docstring(ast.parse((PACKAGE / f"{module}.py").read_text()))


@pytest.mark.parametrize(
    "program",
    ["import reader.session.session", "from reader.cli.main import main; main(['list'])"],
)
def test_sessions_and_commands_do_not_load_textual(program: str) -> None:
    source = f"{program}; import sys; sys.exit('textual' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", source], check=False, capture_output=True).returncode
        == 0
    )


LATE = (
    "cli.commands", "cli.doctor", "layout.code", "layout.hyphenation", "library.frontmatter",
    "markdown.parser", "reading.identity", "reading.revision", "store.likeness", "store.merging", "store.transfer", "ui.controllers.annotations", "ui.controllers.navigation",
    "ui.controllers.palette", "ui.dialogs.annotations", "ui.dialogs.contents", "ui.dialogs.editor", "ui.dialogs.help",
    "ui.dialogs.overlay", "ui.dialogs.palette",
)  # fmt: skip
"""Modules that the first screen doesn't need."""


def test_the_first_screen_loads_no_module_that_it_does_not_need() -> None:
    program = (
        "import sys, reader.ui.app\n"
        f"print([name for name in {LATE} if 'reader.' + name in sys.modules], 'pygments' in sys.modules)"
    )
    argv = [sys.executable, "-c", program]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "[] False\n"


UNSAFE = {
    "os.system", "os.popen", "yaml.load_all", "yaml.full_load", "yaml.unsafe_load", "pickle.load",
    "pickle.loads", "eval", "exec", "webbrowser.open", "os.walk",
}  # fmt: skip


@pytest.mark.parametrize("module", MODULES)
def test_no_module_calls_an_unsafe_function(module: str) -> None:
    tree = ast.parse((PACKAGE / f"{module}.py").read_text())
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert calls & UNSAFE == set()


@pytest.mark.parametrize("module", MODULES)
def test_no_module_calls_splitlines(module: str) -> None:
    assert ".splitlines(" not in (PACKAGE / f"{module}.py").read_text()


MARKUP = {"Static", "Label", "notify", "Option", "Button"}


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("ui/")])
def test_only_literal_text_is_markup(module: str) -> None:
    tree = ast.parse((PACKAGE / f"{module}.py").read_text())
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        owner, _, name = ast.unparse(node.func).rpartition(".")
        first = node.args[0]
        safe = (
            isinstance(first, ast.Constant)
            or owner.endswith("session")  # Session.notify shows nothing itself
            or (isinstance(first, ast.Call) and ast.unparse(first.func) == "Content")
            or any(k.arg == "markup" and ast.unparse(k.value) == "False" for k in node.keywords)
        )
        assert name not in MARKUP or safe, f"line {node.lineno}: {ast.unparse(node)}"
