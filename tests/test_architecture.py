"""Limits that import contracts can't express: sizes, late imports, and calls on outside text."""

from __future__ import annotations

import ast
import functools
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
MOST_FILES = 320


def read_source(module: str) -> str:
    return (PACKAGE / f"{module}.py").read_text()


@functools.cache
def parse(module: str) -> ast.Module:
    return ast.parse(read_source(module))


def test_the_program_has_few_modules() -> None:
    assert len(MODULES) <= MOST_FILES


def test_a_package_has_few_modules() -> None:
    sizes = {package.name: len([*package.glob("*.py")]) for package in PACKAGES}
    assert {name: size for name, size in sizes.items() if size > MOST_MODULES} == {}


def test_a_module_is_short() -> None:
    lengths = {module: len(read_source(module).split("\n")) for module in MODULES}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_a_module_has_a_docstring() -> None:
    assert [module for module in MODULES if not ast.get_docstring(parse(module))] == []


LATE = (
    "cli.commands", "cli.doctor", "layout.code", "layout.hyphenation", "library.source.frontmatter",
    "markdown.parser", "reading.identity", "reading.revision", "session.adding", "store.likeness", "store.merging", "store.transfer", "ui.controllers.adding", "ui.controllers.annotations", "ui.controllers.navigation",
    "ui.controllers.palette", "ui.dialogs.adding", "ui.dialogs.annotations", "ui.dialogs.contents", "ui.dialogs.draft_lists", "ui.dialogs.editor", "ui.dialogs.feed", "ui.dialogs.help",
    "ui.dialogs.overlay", "ui.dialogs.palette", "ui.dialogs.preview",
)  # fmt: skip
"""Modules that the first screen doesn't need."""


def test_the_first_screen_loads_no_module_that_it_does_not_need() -> None:
    program = (
        "import sys, reader.ui.app\n"
        f"print([name for name in {LATE} if 'reader.' + name in sys.modules], 'pygments' in sys.modules)"
    )
    argv = [sys.executable, "-c", program]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "[] False\n"


NOT_BY_KEYS = {
    "reader.layout.code", "reader.render.empty_shelf", "reader.ui.controllers.adding",
    "reader.ui.controllers.piped_story",
}  # fmt: skip
"""Modules that `ui` imports late, which a thread loads when they are needed, or no key needs."""


def test_what_keys_need_is_imported_while_they_rest() -> None:
    program = (
        "import sys, reader.ui.app\n"
        "from reader.ui.controllers.pacing import import_late_modules\n"
        "import_late_modules(lambda: 1.0)\n"
        "print(*sys.modules)"
    )
    argv = [sys.executable, "-c", program]
    loaded = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
    names = {
        f"reader/{module}".removesuffix("/__init__").replace("/", "."): module for module in MODULES
    }
    late = {
        node.module
        for name in names.keys() & loaded
        if name.startswith("reader.ui")
        for function in ast.walk(parse(names[name]))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom)
    }
    assert late - set(loaded) == NOT_BY_KEYS


UNSAFE = {
    "os.system", "os.popen", "yaml.load_all", "yaml.full_load", "yaml.unsafe_load", "pickle.load",
    "pickle.loads", "eval", "exec", "webbrowser.open", "os.walk",
}  # fmt: skip


def test_no_module_calls_an_unsafe_function() -> None:
    for module in MODULES:
        nodes = ast.walk(parse(module))
        calls = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
        assert (module, calls & UNSAFE) == (module, set())


def test_no_module_calls_splitlines() -> None:
    assert [module for module in MODULES if ".splitlines(" in read_source(module)] == []


MARKUP = {"Static", "Label", "notify", "Option", "Button"}


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("ui/")])
def test_only_literal_text_is_markup(module: str) -> None:
    for node in ast.walk(parse(module)):
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
