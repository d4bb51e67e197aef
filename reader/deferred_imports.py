"""Modules that Textual imports at its start, but that this program needs later or never.

While Textual is imported, stand-ins take the place of these modules, which saves a sixth of the
time. What was imported by name from a stand-in loads the real module when it is used.
Afterwards the stand-ins are gone, and any other import gets the real module.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CALLED: Final[Mapping[str, tuple[str, ...]]] = {
    "mimetypes": (),
    "pickle": ("dumps", "loads"),
    "platformdirs": ("user_downloads_path",),
    "textual.command": ("CommandPalette", "DiscoveryHit", "Hit", "SimpleProvider"),
    "textual.suggestions": ("get_suggestion", "get_suggestions"),
    "textual.types": (),
    "uuid": ("uuid4",),
}
"""Modules with a stand-in, and which of their names are imported, but used only in functions.

Any other name is looked up at once, so a module that is imported as a whole needs none here.
"""
UNUSED: Final[Mapping[str, tuple[str, ...]]] = {
    "textual.command": ("CommandListItem", "Hits", "Provider")
}
"""Names that become empty classes: for annotations, and for the base of a class.

Only Textual's own palette needs that class, which is switched off: the reader has another one.
"""
ALIASES: Final[Mapping[str, str]] = {"textual.types": "textual._types"}
"""Modules that import what they name, and the module that has all of it that is needed."""
MISSING: Final = ("ssl",)
"""Modules without which asyncio loads too. No connection is made with it."""


class _StandIn(ModuleType):
    """A module that loads the real one when one of its names is used."""

    def __getattr__(self, name: str) -> object:
        module = self.__name__
        if name in CALLED[module]:
            return _Deferred(module, name)
        if name in UNUSED.get(module, ()):
            return type(name, (), {"__module__": module})
        if name.startswith("__"):  # the import system asks for `__path__` and others
            raise AttributeError(name)
        return getattr(_load(ALIASES.get(module, module)), name)


class _Deferred:
    """A function or a class of a module that is loaded when it is called."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name

    def __call__(self, *args: object, **options: object) -> object:
        return getattr(_load(self._module), self._name)(*args, **options)

    def __getattr__(self, name: str) -> object:
        return getattr(getattr(_load(self._module), self._name), name)


@contextmanager
def defer_imports() -> Iterator[None]:
    """Put stand-ins in the place of modules that are not loaded yet, until the context ends."""
    stand_ins: dict[str, ModuleType | None] = {name: _StandIn(name) for name in CALLED}
    stand_ins |= dict.fromkeys(MISSING)  # None makes the import of a module fail
    added = {name: module for name, module in stand_ins.items() if name not in sys.modules}
    sys.modules.update(added)  # type: ignore[arg-type]  # typeshed doesn't know of None
    try:
        yield
    finally:
        for name, module in added.items():
            if sys.modules.get(name, module) is module:
                sys.modules.pop(name, None)


def _load(name: str) -> ModuleType:
    """Return the real module. It takes the place of its stand-in, if that is still there."""
    if isinstance(sys.modules.get(name), _StandIn):
        del sys.modules[name]
    return import_module(name)
