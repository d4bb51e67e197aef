"""A program that is continued in the background leaves the terminal's modes alone."""

from __future__ import annotations

import signal
from types import SimpleNamespace
from typing import TYPE_CHECKING, NoReturn, cast

import pytest

from reader.ui.stopper import Stopper

if TYPE_CHECKING:
    from textual.app import App


class Ended(Exception):
    """Raised instead of the end of the process."""


def test_a_job_killed_while_it_is_stopped_ends_before_it_changes_modes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[str] = []
    driver = SimpleNamespace(
        can_suspend=True,
        suspend_application_mode=lambda: calls.append("suspend"),
        resume_application_mode=lambda: calls.append("resume"),
    )
    monkeypatch.setattr("reader.ui.stopper.is_in_background", lambda: True)
    monkeypatch.setattr("reader.ui.stopper._stop_process", lambda: calls.append("stop"))

    def end(code: int) -> NoReturn:
        calls.append(f"end {code}")
        raise Ended

    stopper = Stopper(
        cast("App[None]", SimpleNamespace(_driver=driver, is_running=True)),
        before_stop=lambda: None,
        after_unannounced_stop=lambda: None,
        after_resume=lambda: None,
        exit_now=end,
    )
    # The signal that ends it comes a little after the SIGCONT.
    monkeypatch.setattr(
        "reader.ui.stopper.time.sleep", lambda _seconds: stopper.record_end(signal.SIGTERM)
    )
    with pytest.raises(Ended):
        stopper._stop_and_resume()  # noqa: SLF001  what the loop calls after a SIGCONT
    assert calls == ["end 143"]
