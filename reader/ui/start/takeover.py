"""The app takes over the screen from the first frame, which was drawn before Textual was loaded."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from reader.drawing.early_screen import EARLY_SCREEN
from reader.ui.driver import ReaderDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App


MAX_HOLD_SECONDS: Final = 3.0
"""Seconds after which the app draws even if it is still busy."""
_CHECK_SECONDS: Final = 0.001
_CALM_CHECKS: Final = 3
"""Checks in a row that find the app done. One message may lead to the next."""


class FrameHold:
    """Holds back the app's frames until it has settled: it would flicker over the first frame.

    While an app starts, it draws its widgets before they have their sizes and their texts.
    """

    def __init__(self, app: App[None], is_app_done: Callable[[], bool]) -> None:
        self._app = app
        self._is_app_done = is_app_done
        self.is_active = EARLY_SCREEN.is_shown
        """The first frame is shown, and nothing of the app."""
        self._calm_checks = 0
        self._end = 0.0

    def release_when_settled(self) -> None:
        """Draw the whole screen once the app is done with all that follows from its start."""
        self._end = time.monotonic() + MAX_HOLD_SECONDS
        self._check()

    def _check(self) -> None:
        if not self.is_active:
            return
        self._calm_checks = self._calm_checks + 1 if self._is_settled() else 0
        if self._calm_checks >= _CALM_CHECKS or time.monotonic() > self._end:
            self.release()
        else:
            asyncio.get_running_loop().call_later(_CHECK_SECONDS, self._check)

    def _is_settled(self) -> bool:
        """Whether no message or early key waits, and nothing is to be laid out or painted."""
        if not self._app.screen_stack:
            return True
        screen = self._app.screen
        # Textual has no public access to what a screen has still to draw, or to call then.
        is_drawn = not (
            screen._layout_required  # noqa: SLF001
            or screen._repaint_required  # noqa: SLF001
            or screen._dirty_widgets  # noqa: SLF001
            or screen._callbacks  # noqa: SLF001
        )
        driver = self._app._driver  # noqa: SLF001  nor to its driver
        has_early_input = isinstance(driver, ReaderDriver) and driver.has_early_input
        return is_drawn and not has_early_input and self._is_app_done()

    def release(self) -> None:
        """Let the app draw from now on, and draw the whole screen."""
        self.is_active = False
        if self._app.screen_stack:
            self._app.screen.refresh()
