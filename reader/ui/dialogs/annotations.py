"""The list of all annotations, newest first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from textual.binding import Binding

from reader.drawing.hints import Hint, Run
from reader.library.files import join_path
from reader.local_time import to_local
from reader.reading.annotations import Response
from reader.render.story_frame import format_date
from reader.render.text_output import StoryAnnotations, annotations_to_markdown
from reader.text.cells import sanitize_line, truncate
from reader.text.document import Role
from reader.ui import start_worker
from reader.ui.dialogs.overlay import Overlay
from reader.ui.widgets.filter_list import ListLook
from reader.ui.widgets.narrowing import make_search_text
from reader.ui.widgets.virtual_list import ListEntry

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from textual.binding import BindingType

    from reader.reading.annotations import Annotation, AnnotationChange
    from reader.session.annotations import Annotations
    from reader.ui.widgets.narrowing import SearchText
    from reader.ui.widgets.notices import NoticeKeys


BATCH_SIZE: Final = 100
"""Highlights loaded in one piece, between two keys."""
BATCH_PAUSE_SECONDS: Final = 0.005
"""Seconds between two batches."""
MAX_TITLE_CHARACTERS: Final = 200
"""Characters of a title that are measured and shown."""
HINTS: Final = (
    Hint("Enter", "go", "choose"),
    Hint("e", "note", "screen.edit"),
    Hint("d", "delete", "screen.delete"),
    Hint("U", "undo", "screen.undo"),
    Hint("y", "copy", "screen.copy"),
)


class AnnotationActions(NamedTuple):
    """What the list can do with an annotation. Notices are shown in the list."""

    edit: Callable[[Annotation, Callable[[str], None]], None]
    """Opens the editor; calls back with the notice once it is closed."""
    delete: Callable[[Annotation], str]
    """Deletes an annotation; returns the notice."""
    undo: Callable[[], tuple[str, AnnotationChange | None]]
    """Undoes the last change; returns the notice, and the change if it was an annotation's."""
    copy: Callable[[str], None]
    """Copies Markdown to the clipboard."""
    find_path: Callable[[str], str]
    """Returns the end of a story's path, by id, if another one on the shelf has its title."""


class AnnotationsDialog(Overlay["Annotation"]):
    """The list of highlights and responses; its result is the chosen one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "delete", show=False),
        Binding("U", "undo", show=False),
        Binding("y", "copy", show=False),
        Binding("e", "edit", show=False),
    ]

    def __init__(
        self, annotations: Annotations, actions: AnnotationActions, keys: NoticeKeys
    ) -> None:
        hint = (keys.highlight, "on the page highlights a sentence")
        empty_text = keys.add_hints("No highlights yet", hint)
        look = ListLook("Highlights and responses", self._format_line, HINTS, empty_text, rows=3)
        super().__init__(look)
        self._annotations = annotations
        self._actions = actions
        self._items: list[Annotation] = []
        self._pending_ids: list[str] = []
        """The ids of highlights that are still to be loaded, newest first."""
        self._responses: list[Annotation] = []
        """The responses that are not in the list yet, newest first."""

    def on_mount(self) -> None:
        """Load the list."""
        self._load()

    def _load(self) -> None:
        """Load everything again: the newest at once, the rest in batches."""
        self._items = []
        self.filter_list.clear_lines()
        self._pending_ids = self._annotations.list_highlight_ids()
        self._responses = self._annotations.list_responses()
        self._load_batch()
        start_worker(self, "load", self._load_rest)

    async def _load_rest(self) -> None:
        """Load the other batches, each after the waiting keys.

        Not by timers: Textual drops a short one that a busy machine starts too late.
        """
        while self._pending_ids:
            await asyncio.sleep(BATCH_PAUSE_SECONDS)
            self._load_batch()

    def _load_batch(self) -> None:
        """Load one batch."""
        ids, self._pending_ids = self._pending_ids[:BATCH_SIZE], self._pending_ids[BATCH_SIZE:]
        batch = self._annotations.list_highlights(ids)
        oldest = batch[-1] if batch and self._pending_ids else None
        while self._responses and (
            oldest is None or self._responses[0].created_at >= oldest.created_at
        ):
            batch.append(self._responses.pop(0))
        batch.sort(key=_get_time, reverse=True)
        self._items += batch
        self.filter_list.add_lines([_make_search_text(annotation) for annotation in batch])

    def _format_line(self, number: int, _above: int | None) -> ListEntry:
        """Return the three rows of an item: its text, its story and date, its note."""
        annotation, cells = self._items[number], self.filter_list.line_cells
        highlight = annotation.highlight
        day = format_date(to_local(annotation.created_at).date())
        title = truncate(sanitize_line(annotation.title, MAX_TITLE_CHARACTERS), cells // 2)
        title = join_path(title, self._actions.find_path(annotation.story_id))
        if highlight is None:
            text = truncate(sanitize_line(annotation.response, 4 * cells), cells - 2)
            return _make_entry(f"✎ {text}", f"  your response · {title} · {day}")
        text = truncate(sanitize_line(highlight.text, 4 * cells), cells - 2)
        note = f"  — {sanitize_line(highlight.note, 4 * cells)}" if highlight.note else ""
        return _make_entry(f"❝ {text}", f"  {title} · {day}", note)

    def get_result(self, number: int) -> Annotation:
        """Return an annotation."""
        return self._items[number]

    def action_delete(self) -> None:
        """Delete the item under the cursor."""
        number = self.filter_list.number
        if number is not None:
            notice = self._actions.delete(self._items[number])
            self._update_line(number)
            self.filter_list.show_notice(notice)

    def action_undo(self) -> None:
        """Undo the last change, whether it was made here or elsewhere."""
        notice, change = self._actions.undo()
        if change is not None:
            keys = [annotation.key for annotation in self._items]
            if change.annotation.key in keys:
                self._update_line(keys.index(change.annotation.key))
            else:
                self._load()
        self.filter_list.show_notice(notice)

    def action_copy(self) -> None:
        """Copy the item under the cursor as Markdown."""
        number = self.filter_list.number
        if number is not None:
            self._actions.copy(self._format_markdown(self._items[number]))
            self.filter_list.show_notice("Copied as Markdown.")

    def _format_markdown(self, annotation: Annotation) -> str:
        story_id, highlight = annotation.story_id, annotation.highlight
        details = self._annotations.get_story_details(story_id)
        if highlight is not None:
            exported = StoryAnnotations(story_id, details, [highlight], None)
        else:
            response = Response(story_id, annotation.response, annotation.created_at)
            exported = StoryAnnotations(story_id, details, [], response)
        return "\n".join(annotations_to_markdown([exported]))

    def action_edit(self) -> None:
        """Edit the note or the response under the cursor."""
        number = self.filter_list.number
        if number is None:
            return

        def show_result(notice: str) -> None:
            self._update_line(number)
            self.filter_list.show_notice(notice)

        self._actions.edit(self._items[number], show_result)

    def _update_line(self, number: int) -> None:
        """Load one item again and show it; remove its line if it was deleted."""
        annotation = self._annotations.reload(self._items[number])
        if annotation is not None:
            self._items[number] = annotation
        self.filter_list.update_line(
            number, _make_search_text(annotation) if annotation is not None else None
        )


def _make_entry(text: str, *details: str) -> ListEntry:
    """Return an item whose rows below the first one are dimmed."""
    return ListEntry([[Run(text)], *([Run(detail, Role.DIM)] for detail in details)])


def _get_time(annotation: Annotation) -> datetime:
    return annotation.created_at


def _make_search_text(annotation: Annotation) -> SearchText:
    """Return what is searched: text, title and note."""
    text = annotation.highlight.text if annotation.highlight is not None else annotation.response
    return make_search_text(text, f"{annotation.title} {annotation.text}")
