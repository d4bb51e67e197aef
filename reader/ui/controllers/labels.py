"""Stars and tags: put them on the stories that a command is for, and take them off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.errors import ReaderError
from reader.ui.widgets.status_bar import format_label_change

if TYPE_CHECKING:
    from reader.session.read_status import LabelChange
    from reader.ui.controllers import ScreenParts
    from reader.ui.controllers.shelf import ShelfController


class LabelController:
    """Does what is typed, and says so in the status bar."""

    def __init__(self, parts: ScreenParts, shelf: ShelfController) -> None:
        self._parts = parts
        self._shelf = shelf

    def toggle_star(self) -> None:
        """Star the selected story, or take its star off."""
        story = self._parts.selected_story
        if story is None:
            return
        try:
            self._show_change(self._parts.session.labels.toggle_star([story]))
        except ReaderError as error:
            self._parts.status_bar.show_notice(f"Can't save that now: {error}")

    def _show_change(self, change: LabelChange) -> None:
        self._shelf.update_entries(change.stories, have_new_labels=True)
        status_bar = self._parts.status_bar
        notice = format_label_change(change, status_bar.keys, is_saved=self._parts.is_saving)
        status_bar.show_notice(notice)
