"""The commands that print text, for scripts, pipes and screen readers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from reader.cli import context as desk
from reader.errors import StateError, UnknownStory
from reader.paths import Paths
from reader.text.cells import sanitize, sanitize_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from reader.reading.annotations import Highlight
    from reader.render.text_output import StoryAnnotations
    from reader.session.open_story import OpenStory
    from reader.session.session import Session
    from reader.store.repository import Store
    from reader.text.document import Place


def render_shelf(session: Session, folder: Path | None) -> Iterator[str]:
    """Yield a line for each story of `folder`, or of the plain library."""
    from reader.render.text_output import render_shelf

    desk.fill_catalog(session, folder)
    yield from render_shelf(session.list_entries())


def render_story(
    session: Session, visit: OpenStory, start: Place | None = None, columns: int | None = None
) -> Iterator[str]:
    """Yield a story as text, whole or from `start` on."""
    from shutil import get_terminal_size

    from reader.cli.terminal import can_show_styles
    from reader.layout.lines import DEFAULT_MEASURE
    from reader.reading.progress import ReadStatus
    from reader.render.text_output import render_text, typeset_story

    while (piece := visit.parse_next()) is not None:
        visit.add_slice(piece)
    measure = columns or min(DEFAULT_MEASURE, get_terminal_size().columns)
    settings = desk.load_config()
    for note in settings.warnings:
        desk.print_error(note)
    composition = settings.paragraph_style
    ending = session.make_end_card(visit)
    if visit.reading_credit.status is ReadStatus.UNREAD:  # on paper that would be no news
        ending = ending._replace(reading_summary="")
    galley = typeset_story(visit, measure, composition, ending)
    yield from render_text(galley, styled=can_show_styles(), start=start)


def _run_list(args: argparse.Namespace) -> Iterator[str]:
    from reader.render.text_output import entries_to_json

    with desk.open_session() as session:
        lines = list(render_shelf(session, args.folder))
        if args.json:
            lines = [entries_to_json(session.list_entries())]
    yield from lines


def _run_show(args: argparse.Namespace) -> Iterator[str]:
    with desk.open_session() as session:
        yield from render_story(session, *desk.open_by_name(session, args.story), args.width)


def _run_mark(args: argparse.Namespace) -> Iterator[str]:
    from reader.reading.progress import ReadStatus
    from reader.render.text_output import STATUS_SYMBOLS

    with desk.open_session() as session:
        story = desk.find_story(session, args.story)
        if not session.is_persistent:
            raise StateError("it can't be marked: what is remembered can't be written")
        session.set_status(story, ReadStatus(args.mark))
    _back_up_store()
    yield f"{STATUS_SYMBOLS[args.mark]} {story.title}"


def _back_up_store() -> None:
    """Copy the memory before or behind a command that writes; what is wrong with it is told."""
    wrong = desk.back_up_store()
    if wrong:
        desk.print_error(wrong)


def _run_where(_args: argparse.Namespace) -> Iterator[str]:
    from reader.library.files import find_bundled_folder

    paths = Paths.default()
    found = {
        "settings": paths.config,
        "memory": paths.state,
        "cache": paths.index,
        "stories": find_bundled_folder(),
    }
    for name, path in found.items():
        known = sanitize(str(path)).replace("\n", "\ufffd") if path else "nowhere: there is no home"
        yield f"{name:<9} {known}"


# What is remembered ------------------------------------------------------------------------


def _run_highlights(args: argparse.Namespace) -> Iterator[str]:
    from reader.render.text_output import annotations_to_dicts, annotations_to_markdown, format_json

    with desk.open_store() as state:
        kept = _load_annotations(state)
    if args.story is not None:
        story = _find_story_id(args.story, kept)
        kept = [one for one in kept if one.story_id == story]
    yield from (
        [format_json(annotations_to_dicts(kept))] if args.json else annotations_to_markdown(kept)
    )


def _load_annotations(store: Store) -> list[StoryAnnotations]:
    """Return what was kept, story by story: first the one in which something was kept first."""
    from reader.render.text_output import StoryAnnotations as OfStory
    from reader.store.repository import AnnotationStore

    kept = AnnotationStore(store.fact_store)
    quotes, responses = kept.load_highlights(), kept.load_responses()
    response_to = {response.story_id: response for response in responses}
    quotes_of: dict[str, list[Highlight]] = {quote.story_id: [] for quote in quotes}
    for quote in quotes:
        quotes_of[quote.story_id].append(quote)
    return [
        OfStory(
            story, store.load_story_details(story), quotes_of.get(story, []), response_to.get(story)
        )
        for story in dict.fromkeys([*quotes_of, *response_to])
    ]


def _find_story_id(name: str, annotations: list[StoryAnnotations]) -> str:
    """Return the id of the story that `name` names, though its file may be gone."""
    try:
        with desk.open_session() as session:
            return desk.find_story(session, name).id
    except UnknownStory:
        titles = {
            one.story_id: one.info.title.casefold() if one.info else "" for one in annotations
        }
        found = [s for s, title in titles.items() if s == name or name.casefold() in title]
        if len(found) != 1:
            raise
        return found[0]


def _run_history(args: argparse.Namespace) -> Iterator[str]:
    from reader.render.text_output import format_json, history_to_dicts, render_history

    with desk.open_store() as state:
        history = [
            (finish, state.load_story_details(finish.story_id)) for finish in state.load_history()
        ]
    yield from [format_json(history_to_dicts(history))] if args.json else render_history(history)


def _run_export(args: argparse.Namespace) -> Iterator[str]:
    from reader.store.transfer import export_data

    with desk.open_store() as state:
        if not state.is_complete:
            raise StateError("nothing is exported: what is remembered can't be read")
        count = export_data(state.fact_store, _parse_path(args.file))
    if args.file != "-":
        yield f"{count} facts written to {sanitize_line(args.file)}"


def _run_import(args: argparse.Namespace) -> Iterator[str]:
    from reader.store.transfer import import_data

    _back_up_store()
    with desk.open_store() as state:
        if not state.is_persistent:
            raise StateError("nothing can be imported: what is remembered can't be written")
        count, news = import_data(state.fact_store, _parse_path(args.file))
    _back_up_store()
    yield f"{news} of {count} facts were new"


def _parse_path(name: str) -> Path | None:
    return None if name == "-" else Path(name)


HANDLERS: Final[dict[str, Callable[[argparse.Namespace], Iterator[str]]]] = {
    "list": _run_list,
    "show": _run_show,
    "mark": _run_mark,
    "where": _run_where,
    "quotes": _run_highlights,
    "history": _run_history,
    "export": _run_export,
    "import": _run_import,
}
"""What answers each command."""
