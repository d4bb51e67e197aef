"""Where settings, reading data and caches are kept. Touches no disk.

The folders are named after the distribution, because another program owns `reader`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path


APP_NAME: Final = "essay-reader"


@dataclass(frozen=True, slots=True)
class Paths:
    """Where the settings, the memory and the cache are; None where there is no home."""

    config: Path | None
    state: Path | None
    index: Path | None

    @classmethod
    def default(cls) -> Paths:
        """Return the user's own places, by the conventions of the system."""
        import platformdirs

        try:
            dirs = platformdirs.PlatformDirs(APP_NAME, appauthor=False)
            return cls(
                dirs.user_config_path / "config.toml",
                dirs.user_data_path / "state.db",
                dirs.user_cache_path / "index.db",
            )
        except (RuntimeError, KeyError, OSError):
            return cls(None, None, None)  # neither HOME nor a passwd entry

    @classmethod
    def under(cls, root: Path) -> Paths:
        """Return places below `root`."""
        return cls(root / "config.toml", root / "state.db", root / "index.db")
