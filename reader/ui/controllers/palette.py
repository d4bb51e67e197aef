"""The palette, the help, and running a command by its id: by them, or by a hint."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from reader.config import SORTS
from reader.drawing.styles import TERMINAL, THEME_COLOURS
from reader.finding.completion import count_tags
from reader.session.shelf.view import has_own_order
from reader.ui.commands import APP, COMMANDS, PAGE, SCREEN, SHELF, format_first_key, format_keys
from reader.ui.dialogs.help import HelpDialog
from reader.ui.dialogs.palette import PaletteDialog, PaletteEntry
from reader.ui.widgets.shelf import Shelf
from reader.ui.widgets.status_bar import CommandRequested

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from textual.app import App
    from textual.dom import DOMNode

    from reader.library.story import Story
    from reader.ui.commands import Command
    from reader.ui.controllers import ScreenParts

_SHELF_COMMANDS: Final = frozenset(
    (
        "show-all", "show-unread", "show-begun", "show-finished", "show-starred",
        "tick", "tick-range", "hide", "delete", "hidden-stories", "drafts",
    )
)  # fmt: skip
"""The commands of the shelf that aren't movements."""


class Palette:
    """Lists what can be run or opened by name, and runs it."""

    def __init__(
        self,
        app: App[None],
        parts: ScreenParts,
        keymap: Mapping[str, str],
        choose_theme: Callable[[str], None],
        show_story: Callable[[Story], None],
    ) -> None:
        self._app = app
        self._parts = parts
        self._keymap = keymap
        self._choose_theme = choose_theme
        self._show_story = show_story
        """Shows a story on the page after recording a jump."""

    def toggle(self) -> None:
        """Open the palette, or close it."""
        screen = self._app.screen
        if isinstance(screen, PaletteDialog):
            screen.dismiss()
            return
        stories = self._parts.session.order if screen is self._parts.screen else ()
        entries = [*self._list_commands(), *self._list_orders(), *self._list_themes()]
        facts = self._parts.facts
        dialog = PaletteDialog(entries, stories, self._show_story, self._list_tags, facts)
        dialog.open_over(self._app, _run_entry)

    def _list_commands(self) -> Iterator[PaletteEntry]:
        """Yield the commands of page and screen, unless a dialog is open, and `Quit`."""
        for command in COMMANDS:
            is_listed = command.scope in (PAGE, SCREEN) or command.id in _SHELF_COMMANDS
            if is_listed and self._app.screen is self._parts.screen:
                run = partial(self.run_command, command.id)
                keys = format_keys(command, self._keymap)
                yield PaletteEntry(_make_title(command), command.help, keys, run)
        keys = format_first_key("quit", self._keymap)
        yield PaletteEntry("Quit", "Save all and quit", keys, self._app.action_quit)

    def _list_orders(self) -> Iterator[PaletteEntry]:
        """Yield the orders of the section at the cursor and of the shelf, unless a dialog is open."""
        if self._app.screen is not self._parts.screen:
            return
        section = self._parts.shelf.section
        if section is not None and has_own_order(self._parts.session.shelf_list, section):
            yield from self._list_orders_of(f"Order of {section.name}", is_whole=False)
            yield from self._list_orders_of("Order of all", is_whole=True)
        else:
            yield from self._list_orders_of("Order", is_whole=True)

    def _list_orders_of(self, title: str, *, is_whole: bool) -> Iterator[PaletteEntry]:
        for order in SORTS:
            run, name = (
                partial(self._choose_order, order, is_whole=is_whole),
                order.replace("-", " "),
            )
            yield PaletteEntry(f"{title}: {name}", "", "", run, words=f"{name} order sort")

    def _choose_order(self, order: str, *, is_whole: bool) -> None:
        self._parts.shelf.post_message(Shelf.ViewRequested(order=order, is_whole=is_whole))

    def _list_tags(self) -> list[PaletteEntry]:
        """Return the tags of the stories on the shelf, with the number of stories of each."""
        return [
            PaletteEntry(
                f"Tag: {tag}",
                f"{count} {'story' if count == 1 else 'stories'}",
                "",
                partial(self._choose_tag, tag),
                words=f"{tag} tag:",
            )
            for tag, count in count_tags(self._parts.session.shelf_list.entries)
        ]

    def _choose_tag(self, tag: str) -> None:
        self._parts.shelf.post_message(Shelf.ViewRequested(tag=tag))

    def _list_themes(self) -> Iterator[PaletteEntry]:
        """Yield every theme, Textual's own too."""
        own = [*(colours.name for colours in THEME_COLOURS), TERMINAL]
        others = sorted(name for name in self._app.available_themes if name not in own)
        for name in (*own, *(name for name in others if not name.startswith("ansi-"))):
            run = partial(self._choose_theme, name)
            yield PaletteEntry(f"Theme: {name}", "", "", run, words=f"{name} theme")

    async def run_command(self, command_id: str) -> None:
        """Do what the key of a command does; nothing if there is no such command."""
        command = next((one for one in COMMANDS if one.id == command_id), None)
        if command is not None:
            await self._app.run_action(command.action, self._get_target(command))

    def _get_target(self, command: Command) -> DOMNode:
        """Return the widget that has the action of a command."""
        parts = self._parts
        targets: dict[str, DOMNode] = {PAGE: parts.page, SHELF: parts.shelf, APP: self._app}
        return targets.get(command.scope, parts.screen)


def open_help(parts: ScreenParts, keymap: Mapping[str, str]) -> None:
    """Open the help; a command that is chosen in it is requested of the app."""

    def request_command(command_id: str | None) -> None:
        if command_id is not None:
            parts.screen.post_message(CommandRequested(command_id))

    parts.status_bar.hint = ""
    HelpDialog(keymap, parts.session).open_over(parts.screen.app, request_command)


def _make_title(command: Command) -> str:
    """Return the title of a command: its id, which stands in `[keys]` too, as words."""
    return command.id.replace("-", " ").capitalize()


async def _run_entry(entry: PaletteEntry | None) -> None:
    """Run the chosen entry."""
    running = entry.run() if entry is not None else None
    if running is not None:
        await running
