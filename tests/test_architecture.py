"""The house stands as ARCHITECTURE.md says: imports, sizes, and what text may do."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "reader"
MODULES = sorted(
    path.relative_to(PACKAGE).with_suffix("").as_posix() for path in PACKAGE.rglob("*.py")
)
LAYERS = {
    name: (set(re.findall(r"`([\w/]+)`", owns)), allowed.replace("`", "").split(", "))
    for name, owns, allowed in re.findall(
        r"^\| \*\*([\w ]+)\*\* \|([^|]*)\| ?([^|]*?) ?\|$",
        (ROOT / "ARCHITECTURE.md").read_text(),
        re.MULTILINE,
    )
}
"""Each layer's modules, and the layers and packages they may import, the lowest layer first."""
MOST_LINES = 340


def imported(module: str) -> set[str]:
    """Return what a module imports, its own package's modules by their names here."""
    tree = ast.parse((PACKAGE / f"{module}.py").read_text())
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= own_modules(module, node) if node.level else outside(node)
    return found - set(sys.stdlib_module_names) - {"errors"}


def outside(node: ast.ImportFrom) -> set[str]:
    name = node.module or ""
    if name == "reader" or name.startswith("reader."):
        return {name.removeprefix("reader").removeprefix(".").replace(".", "/") or "__init__"}
    return {name.partition(".")[0]}


def own_modules(module: str, node: ast.ImportFrom) -> set[str]:
    here = Path(module).parent
    for _ in range(node.level - 1):
        here = here.parent
    names = [node.module.replace(".", "/")] if node.module else [alias.name for alias in node.names]
    found = {(here / name).as_posix() for name in names}
    return {name if name in MODULES else "__init__" for name in found} - {"__init__"}


def allowed(layer: str) -> set[str]:
    """Return what the modules of a layer may import."""
    own, others = LAYERS[layer]
    return own.union(*(LAYERS[name][0] if name in LAYERS else {name} for name in others))


@pytest.mark.parametrize("layer", LAYERS)
def test_the_modules_of_a_layer_import_only_what_the_table_allows(layer: str) -> None:
    strayed = {m: sorted(imported(m) - allowed(layer)) for m in sorted(LAYERS[layer][0])}
    assert {module: names for module, names in strayed.items() if names} == {}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_stands_on_those_above_it_in_the_table_alone(layer: str) -> None:
    lower = list(LAYERS)[: list(LAYERS).index(layer)]
    assert [n for n in LAYERS[layer][1] if n in LAYERS and n not in lower] == []


@pytest.mark.parametrize("layer", LAYERS)
def test_the_table_allows_nothing_that_is_not_used(layer: str) -> None:
    own, others = LAYERS[layer]
    used = set[str]().union(*(imported(module) for module in own))
    needed = (LAYERS[n][0] if n in LAYERS else {n} for n in others if n)
    assert [names for names in needed if not names & used] == []


def test_the_table_names_every_module_once() -> None:
    assert sorted(module for own, _ in LAYERS.values() for module in own) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_short(module: str) -> None:
    assert len((PACKAGE / f"{module}.py").read_text().split("\n")) <= MOST_LINES


@pytest.mark.parametrize("module", MODULES)
def test_a_module_says_what_it_owns(module: str) -> None:
    assert ast.get_docstring(ast.parse((PACKAGE / f"{module}.py").read_text()))


@pytest.mark.parametrize(
    "program", ["import reader.session", "import reader.cli; reader.cli.main(['list'])"]
)
def test_what_needs_no_screen_does_not_load_textual(program: str) -> None:
    source = f"{program}; import sys; sys.exit('textual' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", source], check=False, capture_output=True).returncode
        == 0
    )


def test_nothing_that_was_not_asked_for_is_loaded_with_the_first_screen() -> None:
    program = (
        "import sys, reader.ui.app\n"
        "later = 'division hyphens justify highlight keeping marginalia sentences'.split()\n"
        "print([m for m in later if f'reader.{m}' in sys.modules], 'pygments' in sys.modules)"
    )
    argv = [sys.executable, "-c", program]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "[] False\n"


UNSAFE = {
    "os.system", "os.popen", "yaml.load_all", "yaml.full_load", "yaml.unsafe_load", "pickle.load",
    "pickle.loads", "eval", "exec", "webbrowser.open", "os.walk",
}  # fmt: skip


@pytest.mark.parametrize("module", MODULES)
def test_a_module_calls_nothing_that_obeys_a_stranger(module: str) -> None:
    tree = ast.parse((PACKAGE / f"{module}.py").read_text())
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert calls & UNSAFE == set()


@pytest.mark.parametrize("module", MODULES)
def test_a_storys_text_is_never_split_at_characters_that_are_no_line_ends(module: str) -> None:
    assert ".splitlines(" not in (PACKAGE / f"{module}.py").read_text()


MARKUP = {"Static", "Label", "notify", "Option", "Button"}


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("ui/")])
def test_text_that_is_no_literal_is_never_markup(module: str) -> None:
    tree = ast.parse((PACKAGE / f"{module}.py").read_text())
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = ast.unparse(node.func).rpartition(".")[2]
        first = node.args[0]
        safe = (
            isinstance(first, ast.Constant)
            or (isinstance(first, ast.Call) and ast.unparse(first.func) == "Content")
            or any(k.arg == "markup" and ast.unparse(k.value) == "False" for k in node.keywords)
        )
        assert name not in MARKUP or safe, f"line {node.lineno}: {ast.unparse(node)}"
