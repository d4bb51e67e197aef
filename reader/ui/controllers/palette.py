"""The palette, and running a command by its id: by a hint, the help or the palette."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from reader.drawing.styles import TERMINAL, THEME_COLOURS
from reader.ui.commands import APP, COMMANDS, PAGE, SCREEN, SHELF, format_first_key, format_keys
from reader.ui.dialogs.palette import PaletteDialog, PaletteEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from textual.dom import DOMNode

    from reader.library.story import Story
    from reader.ui.app import ReaderApp
    from reader.ui.commands import Command


class Palette:
    """Lists what can be run or opened by name, and runs it."""

    def __init__(
        self,
        app: ReaderApp,
        keymap: Mapping[str, str],
        choose_theme: Callable[[str], None],
        show_story: Callable[[Story], None],
    ) -> None:
        self._app = app
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
        is_on_main = screen is self._app.reading_screen
        stories = self._app.session.catalog.list_stories() if is_on_main else []
        entries = [*self._list_commands(), *self._list_themes()]
        PaletteDialog(entries, stories, self._show_story).open_over(self._app, _run_entry)

    def _list_commands(self) -> Iterator[PaletteEntry]:
        """Yield the commands of page and screen, unless a dialog is open, and `Quit`."""
        for command in COMMANDS:
            if command.scope in (PAGE, SCREEN) and self._app.screen is self._app.reading_screen:
                run = partial(self.run_command, command.id)
                keys = format_keys(command, self._keymap)
                yield PaletteEntry(_make_title(command), command.help, keys, run)
        keys = format_first_key("quit", self._keymap)
        yield PaletteEntry("Quit", "Save all and quit", keys, self._app.action_quit)

    def _list_themes(self) -> Iterator[PaletteEntry]:
        """Yield every theme, Textual's own too."""
        own = [*(colours.name for colours in THEME_COLOURS), TERMINAL]
        others = sorted(name for name in self._app.available_themes if name not in own)
        for name in (*own, *(name for name in others if not name.startswith("ansi-"))):
            run = partial(self._choose_theme, name)
            yield PaletteEntry(f"Theme: {name}", "", "", run, words=name)

    async def run_command(self, command_id: str) -> None:
        """Do what the key of a command does; nothing if there is no such command."""
        command = next((one for one in COMMANDS if one.id == command_id), None)
        if command is not None:
            await self._app.run_action(command.action, self._get_target(command))

    def _get_target(self, command: Command) -> DOMNode:
        """Return the widget that has the action of a command."""
        screen = self._app.reading_screen
        targets: dict[str, DOMNode] = {PAGE: screen.page, SHELF: screen.shelf, APP: self._app}
        return targets.get(command.scope, screen)


def _make_title(command: Command) -> str:
    """Return the title of a command: its id, which stands in `[keys]` too, as words."""
    return command.id.replace("-", " ").capitalize()


async def _run_entry(entry: PaletteEntry | None) -> None:
    """Run the chosen entry."""
    running = entry.run() if entry is not None else None
    if running is not None:
        await running
