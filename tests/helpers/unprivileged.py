"""Runs code as a user who owns nothing: what permissions forbid, root would not notice."""

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

NOBODY = 65534

# Everything is imported first: Python's own files may be out of reach afterwards.
PRELUDE = f"""
import os, pkgutil, sys, tomllib, shutil, pathlib
import reader
for module in pkgutil.walk_packages(reader.__path__, "reader."):
    if module.name != "reader.__main__" and not module.name.startswith("reader.ui"):
        __import__(module.name)
from reader.library.frontmatter import split_front_matter
from reader.markdown.parser import parse
from reader.library.files import find_bundled_folder
from reader.paths import Paths
split_front_matter("---\\ntitle: a\\n---\\n"), split_front_matter("+++\\na = 1\\n+++\\n"), parse("https://a.example *b*")
Paths.default(), find_bundled_folder()
if os.getuid() == 0:
    os.setgroups([])
    os.setgid({NOBODY})
    os.setuid({NOBODY})
"""


def run_as_nobody(source: str, *arguments: object, **environ: str) -> str:
    """Run `source` in a child process without privileges and return what it prints."""
    found = subprocess.run(
        [sys.executable, "-c", PRELUDE + source, *map(str, arguments)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        env=os.environ | environ,
    )
    return found.stdout.strip()


@contextlib.contextmanager
def nobodys_folder() -> Iterator[Path]:
    """Yield a folder that anybody may enter, owned by the user that `run_as_nobody` is."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    give(folder)
    try:
        yield folder
    finally:
        for path in (folder, *folder.rglob("*")):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
        shutil.rmtree(folder)


def give(path: Path) -> None:
    """Make `path` the property of the user that `run_as_nobody` is."""
    if os.getuid() == 0:
        os.chown(path, NOBODY, NOBODY)
