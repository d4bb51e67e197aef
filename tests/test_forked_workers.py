"""What workers report is what the tests of one process report."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import forked_workers

TESTS = """
import os, pytest

@pytest.mark.parametrize("number", range(40))
def test_number(number, tmp_path):
    os.write(1, b"number %d\\n" % number)
    assert number != 17

@pytest.fixture
def broken():
    yield
    raise ValueError("teardown")

def test_teardown(broken):
    pass

def test_end():
    os._exit(3)
"""


def test_failures_errors_and_a_worker_that_ends_are_reported(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    argv = [sys.executable, "-m", "pytest", "-p", "forked_workers", "--workers", "2", "--tb=short"]
    environment = os.environ | {
        "COLUMNS": "120",
        "PYTHONPATH": str(Path(forked_workers.__file__).parent),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    run = subprocess.run(
        [*argv, "--color=no", "-q", "test_some.py"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    lines = run.stdout.splitlines()
    assert sorted(line for line in lines if line.startswith(("FAILED ", "ERROR "))) == [
        "ERROR test_some.py::test_teardown - ValueError: teardown",
        "FAILED test_some.py::test_end - the worker ended with code 3 after this test began",
        "FAILED test_some.py::test_number[17] - assert 17 != 17",
    ]
    assert lines[-1].startswith("2 failed, 40 passed, 1 error in ")
    assert [line for line in lines if line.startswith("number ")] == ["number 17"]
