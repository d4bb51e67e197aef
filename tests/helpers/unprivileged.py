"""Run code as the user `nobody`, since permissions forbid nothing to root."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY_ID = 65534

# Import everything first: the user may not be able to read the files of Python.
PRELUDE = f"""
import os, pkgutil, sys, tomllib, shutil, pathlib
import reader
for module in pkgutil.walk_packages(reader.__path__, "reader."):
    if module.name != "reader.__main__" and not module.name.startswith("reader.ui"):
        __import__(module.name)
from reader.library.source.frontmatter import split_front_matter
from reader.markdown.parser import parse
from reader.library.files import find_bundled_folder
from reader.paths import Paths
split_front_matter("---\\ntitle: a\\n---\\n"), split_front_matter("+++\\na = 1\\n+++\\n"), parse("https://a.example *b*")
Paths.default(), find_bundled_folder()
if os.getuid() == 0:
    os.setgroups([])
    os.setgid({NOBODY_ID})
    os.setuid({NOBODY_ID})
"""


def run_unprivileged(source: str, *arguments: object, **environ: str) -> str:
    """Run `source` in an unprivileged child process and return its output."""
    result = subprocess.run(
        [sys.executable, "-c", PRELUDE + source, *map(str, arguments)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
        env=os.environ | environ,
    )
    return result.stdout.strip()


@contextlib.contextmanager
def make_unprivileged_folder() -> Iterator[Path]:
    """Yield a folder that belongs to the user of `run_unprivileged`; all users may enter it."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    give_to_unprivileged(folder)
    try:
        yield folder
    finally:
        for path in (folder, *folder.rglob("*")):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
        shutil.rmtree(folder)


def give_to_unprivileged(path: Path) -> None:
    """Make the user of `run_unprivileged` the owner of `path`."""
    if os.getuid() == 0:
        os.chown(path, NOBODY_ID, NOBODY_ID)
