"""Run the tests in several copies of one process that has collected them.

`pytest --workers 5` collects once, and forks. Workers of pytest-xdist collect all tests each, and
tell of each in ten messages: together that was a tenth of the processor time of the whole run.
"""

from __future__ import annotations

import os
import signal
import struct
import sys
import threading
import traceback
from itertools import groupby
from multiprocessing.connection import Connection, Pipe, wait
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_CHUNK: Final = 60
"""Tests of a module that a worker takes at a time; it makes what they share once for all of them."""
Reports: TypeAlias = "Connection[Any, Any]"
Test: TypeAlias = tuple[str, tuple[str, int | None, str]]
"""The node id of a test, and where it is."""
CHUNK: Final = struct.Struct("=II")
"""The index of the first test of a chunk, and of the first one after it."""
SHOWN_SECONDS: Final = 0.005
"""Seconds from which on `--durations` may show a setup or a teardown that passed."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that says how many processes run tests."""
    parser.addoption(
        "--workers", type=int, default=0, help="run the tests in N copies of this process"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the collected tests in workers, if the option asks for them."""
    count: int = session.config.option.workers
    if not count or session.testsfailed or session.config.option.collectonly:
        return None
    assert threading.active_count() == 1, "a copy of this process would lack a thread"
    _get_folders(session).getbasetemp()  # the workers' folders are in it
    chunks = _offer_chunks(session.items)
    workers: dict[Reports, int] = {}
    try:
        for number in range(count):
            workers |= _start_worker(session, number, chunks)
        os.close(chunks)
        _report_all(session, workers)
    finally:
        for pid in workers.values():
            os.kill(pid, signal.SIGKILL)
    return True


def _get_folders(session: pytest.Session) -> Any:
    return session.config._tmp_path_factory  # type: ignore[attr-defined]  # noqa: SLF001  as xdist


def _offer_chunks(items: Sequence[pytest.Item]) -> int:
    """Return a pipe from which each worker reads what it runs next.

    The tests of the last folders come first: they take longest, and all workers are to end at once.
    """
    chunks: list[bytes] = []
    start = 0
    for _, group in groupby(items, key=lambda item: item.path):
        end = start + len(list(group))
        for first in range(start, end, MAX_CHUNK):
            chunks += [CHUNK.pack(first, min(first + MAX_CHUNK, end))]
        start = end
    reading, writing = os.pipe()
    os.set_blocking(writing, False)  # rather fail than wait for workers that don't run yet
    assert os.write(writing, b"".join(reversed(chunks))) == CHUNK.size * len(chunks)
    os.close(writing)
    return reading


def _start_worker(session: pytest.Session, number: int, chunks: int) -> dict[Reports, int]:
    """Return what the worker sends its reports through, with its process id."""
    receiving, sending = Pipe(duplex=False)
    pid = os.fork()
    if pid:
        sending.close()
        return {receiving: pid}
    code = 1
    try:
        receiving.close()
        _run_tests(session, number, chunks, sending)
        code = 0
    except BaseException:  # noqa: BLE001  a copy ends here, whatever happens
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(code)  # to clean up at the end is the first process's job


def _run_tests(session: pytest.Session, number: int, chunks: int, sending: Reports) -> None:
    """Run tests until there are no more, and send what is to be reported of them."""
    config = session.config
    plugins = config.pluginmanager
    plugins.unregister(name="terminalreporter")
    plugins.register(_Sender(config, sending))
    capture = plugins.get_plugin("capturemanager")
    assert capture is not None
    capture.stop_global_capturing()  # its files are shared with the other workers
    capture.start_global_capturing()
    folders = _get_folders(session)
    folders._basetemp = folders.getbasetemp() / f"worker-{number}"  # noqa: SLF001  no parameter
    folders._basetemp.mkdir(mode=0o700)  # noqa: SLF001  names it
    running = None
    for index in _take_indices(chunks):
        item = None if index is None else session.items[index]
        if running is not None:
            config.hook.pytest_runtest_protocol(item=running, nextitem=item)
        running = item


def _take_indices(chunks: int) -> Iterator[int | None]:
    """Yield the index of each test that this worker is to run, and None at the end."""
    while data := os.read(chunks, CHUNK.size):
        yield from range(*CHUNK.unpack(data))
    yield None


class _Sender:
    """Sends which tests begin, and their reports."""

    def __init__(self, config: pytest.Config, sending: Reports) -> None:
        self._config = config
        self._sending = sending

    def pytest_runtest_logstart(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        """Send which test begins."""
        self._sending.send((nodeid, location))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Send a report, except of a short setup or teardown that passed."""
        if report.when == "call" or not report.passed or report.duration > SHOWN_SECONDS:
            hook = self._config.hook
            data = hook.pytest_report_to_serializable(config=self._config, report=report)
            self._sending.send(data)


def _report_all(session: pytest.Session, workers: dict[Reports, int]) -> None:
    """Report what the workers send until all have ended; take those that have out of `workers`."""
    last: dict[int, Test] = {}
    while workers:
        for reports in wait(list(workers)):
            assert isinstance(reports, Connection)
            pid = workers[reports]
            try:
                message = reports.recv()
            except EOFError:
                del workers[reports]
                _report_end(session, os.waitpid(pid, 0)[1], last.get(pid))
            else:
                last[pid] = _report(session, message) or last[pid]
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)


def _report(session: pytest.Session, message: Any) -> Test | None:
    """Report the begin of a test, which is returned, or its outcome."""
    hook = session.config.hook
    if isinstance(message, tuple):
        hook.pytest_runtest_logstart(nodeid=message[0], location=message[1])
        return message
    report = hook.pytest_report_from_serializable(config=session.config, data=message)
    hook.pytest_runtest_logreport(report=report)
    return None


def _report_end(session: pytest.Session, status: int, last: Test | None) -> None:
    """Report a failure of the last test of a worker that has not ended by itself."""
    if status:
        code = os.waitstatus_to_exitcode(status)
        name, location = last or ("a worker", ("", None, "a worker"))
        text = f"the worker ended with code {code} after this test began"
        report = pytest.TestReport(name, location, {}, "failed", text, "call")
        session.config.hook.pytest_runtest_logreport(report=report)
