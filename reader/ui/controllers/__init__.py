"""Handle the screen's commands. Each controller owns one subject and gets only what it uses.

Here: the parts of the screen that they use, and those controllers that are made when they are
first used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

from reader.session.jumplist import JumpList, JumpPoint
from reader.ui import run_in_thread
from reader.ui.commands import format_first_key
from reader.ui.controllers.text_search.background import BackgroundIndexing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.screen import Screen

    from reader.library.story import Story
    from reader.reading.annotations import Highlight
    from reader.session.session import Session
    from reader.session.shelf.entries import TitleFacts
    from reader.text.document import Place
    from reader.ui.controllers.adding import AddController
    from reader.ui.controllers.annotations import AnnotationController
    from reader.ui.controllers.choosing import StoryChooser
    from reader.ui.controllers.desktop import Copier, StoryEditor
    from reader.ui.controllers.input_lines import InputLines
    from reader.ui.controllers.navigation import Navigation
    from reader.ui.controllers.pacing import ChangeRunner
    from reader.ui.controllers.removing import RemovalController
    from reader.ui.controllers.shelf import ShelfController
    from reader.ui.controllers.stories import LabelController, ReadStatusController
    from reader.ui.controllers.text_search.controller import TextSearchController
    from reader.ui.page.page import Page
    from reader.ui.widgets.shelf import Shelf
    from reader.ui.widgets.status_bar import StatusBar


@dataclass(frozen=True)
class ScreenParts:
    """The parts of the reading screen that controllers use."""

    screen: Screen[None]
    """Runs workers and opens dialogs."""
    session: Session
    page: Page
    shelf: Shelf
    status_bar: StatusBar
    show_story: Callable[[Story, Place | Highlight | str | None], None]
    """Shows a story on the page: at a place, a highlight, a heading, or where reading stopped."""
    refresh: Callable[[], None]
    """Redraws the page and its end card after reading data has changed."""
    jump_list: JumpList = field(default_factory=JumpList)
    """Where jumps began. Most keys that jump need nothing else of the controller of jumps."""

    @property
    def facts(self) -> TitleFacts:
        """What names stories so that those with the same title are told apart."""
        return self.session.shelf_list.facts

    @property
    def selected_story(self) -> Story | None:
        """The story that a command is for.

        It is the one on the page while the page has the focus, else the one under the shelf's
        cursor.
        """
        current = self.session.current
        return current.story if self.page.has_focus and current else self.shelf.story

    @property
    def selected_stories(self) -> list[Story]:
        """The stories that a command for several is for.

        They are the ticked ones of the shelf, or else the one that `selected_story` is.
        """
        ticked = [] if self.page.has_focus else self.shelf.ticked_stories
        return ticked or ([self.selected_story] if self.selected_story is not None else [])

    def record_jump(self, place: Place | None = None) -> None:
        """Add `place`, or the page's current place, to the jump list before a jump."""
        if self.session.current is not None:
            path = self.session.current.story.path
            self.jump_list.push(JumpPoint(path, place or self.page.place))

    @property
    def is_saving(self) -> bool:
        """What is changed now is saved at once."""
        return not self.session.save_problem


class LateControllers:
    """The controllers that the first screen doesn't need: each is made when it is first used."""

    def __init__(
        self,
        parts: ScreenParts,
        shelf: ShelfController,
        get_lines: Callable[[], InputLines],
        keymap: Mapping[str, str],
        check_files: Callable[[], None],
    ) -> None:
        self._parts = parts
        self._shelf = shelf
        self._get_lines = get_lines
        self._keymap = keymap
        self._adding: AddController | None = None
        self.run_outside: Callable[[Callable[[], str]], str | None] = lambda _run: None
        """Gives the terminal away while it calls a function, and returns its result."""
        self.count_rested_seconds: Callable[[], float] = float
        """Returns how long no key was pressed."""
        self._check_files = check_files
        """Shows which files have changed."""
        self.indexing = BackgroundIndexing(parts.session, self._update_index)

    def _update_index(self) -> bool:
        return self.text_search.update_in_background()

    @cached_property
    def navigation(self) -> Navigation:
        """The controller of jumps."""
        from reader.ui.controllers.navigation import Navigation

        return Navigation(self._parts, self._shelf.update)

    @cached_property
    def chooser(self) -> StoryChooser:
        """The controller that chooses a story by time, or at random."""
        from reader.ui.controllers.choosing import StoryChooser

        return StoryChooser(self._parts, self._get_lines(), self._shelf.wait_for_list)

    @cached_property
    def copier(self) -> Copier:
        """The controller of the clipboard."""
        from reader.ui.controllers.desktop import Copier

        return Copier(self._parts)

    @cached_property
    def story_editor(self) -> StoryEditor:
        """The controller of the editor outside the program."""
        from reader.ui.controllers.desktop import StoryEditor

        return StoryEditor(self._parts, self.run_outside, self._check_files)

    @cached_property
    def annotations(self) -> AnnotationController:
        """The controller of highlights, notes and responses."""
        from reader.ui.controllers.annotations import AnnotationController

        return AnnotationController(self._parts, self.copier, self.read_status)

    @cached_property
    def read_status(self) -> ReadStatusController:
        """The controller of read status and undo."""
        from reader.ui.controllers.stories import ReadStatusController

        return ReadStatusController(self._parts, self._shelf, self)

    @cached_property
    def removal(self) -> RemovalController:
        """The controller of stories that are deleted."""
        from reader.ui.controllers.removing import RemovalController

        return RemovalController(self._parts, self._shelf, self.changes)

    @cached_property
    def changes(self) -> ChangeRunner:
        """The controller of changes of many stories."""
        from reader.ui.controllers.pacing import ChangeRunner

        stop_key = format_first_key("clear-filter", self._keymap)
        return ChangeRunner(self._parts, self.count_rested_seconds, stop_key)

    @cached_property
    def labels(self) -> LabelController:
        """The controller of stars and tags."""
        from reader.ui.controllers.stories import LabelController

        return LabelController(self._parts, self._shelf, self._get_lines(), self.changes)

    @cached_property
    def text_search(self) -> TextSearchController:
        """The controller of the search of all texts."""
        from reader.ui.controllers.text_search.controller import TextSearchController

        ensure_search_bar = self._get_lines().ensure_search_bar
        return TextSearchController(
            self._parts, self.navigation, ensure_search_bar, self.count_rested_seconds
        )

    async def load_adding(self) -> AddController:
        """Return the controller of stories that are brought in; keys wait for it meanwhile.

        What it needs is imported in a thread, since that takes longer than a few frames.
        """
        if self._adding is None:
            await run_in_thread(import_module, "reader.ui.controllers.adding")
            from reader.ui.controllers.adding import AddController

            self._adding = AddController(self._parts, self._shelf.update, self._keymap)
        return self._adding
