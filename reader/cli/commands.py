"""The commands that print text, for scripts, pipes and screen readers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from reader.cli import context as desk
from reader.errors import StateError, UnknownStory
from reader.paths import Paths
from reader.text.cells import clean, clean_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from reader.reading.annotations import Quote
    from reader.render.text_output import Kept
    from reader.session.open_story import Visit
    from reader.session.session import Session
    from reader.store.repository import State
    from reader.text.document import Place


def shelf(session: Session, folder: Path | None) -> Iterator[str]:
    """Yield a line for each story of `folder`, or of the plain library."""
    from reader.render.text_output import entry_lines

    desk.fill(session, folder)
    yield from entry_lines(session.entries())


def story_lines(
    session: Session, visit: Visit, start: Place | None = None, columns: int | None = None
) -> Iterator[str]:
    """Yield a story as text, whole or from `start` on."""
    from shutil import get_terminal_size

    from reader.cli.terminal import shows_styles
    from reader.layout.lines import MEASURE
    from reader.reading.progress import Mark
    from reader.render.text_output import set_whole, text_lines

    while (piece := visit.more()) is not None:
        visit.take(piece)
    measure = columns or min(MEASURE, get_terminal_size().columns)
    settings = desk.settings()
    for note in settings.notes:
        desk.tell(note)
    composition = settings.composition
    ending = session.ending(visit)
    if visit.evidence.mark is Mark.UNREAD:  # on paper that would be no news
        ending = ending._replace(standing="")
    galley = set_whole(visit, measure, composition, ending)
    yield from text_lines(galley, styled=shows_styles(), start=start)


def _list(args: argparse.Namespace) -> Iterator[str]:
    from reader.render.text_output import as_json

    with desk.session() as session:
        lines = list(shelf(session, args.folder))
        if args.json:
            lines = [as_json(session.entries())]
    yield from lines


def _show(args: argparse.Namespace) -> Iterator[str]:
    with desk.session() as session:
        yield from story_lines(session, *desk.visit(session, args.story), args.width)


def _mark(args: argparse.Namespace) -> Iterator[str]:
    from reader.reading.progress import Mark
    from reader.render.text_output import MARKS

    with desk.session() as session:
        story = desk.named(session, args.story)
        if not session.lasts:
            raise StateError("it can't be marked: what is remembered can't be written")
        session.mark(story, Mark(args.mark))
    _back_up()
    yield f"{MARKS[args.mark]} {story.title}"


def _back_up() -> None:
    """Copy the memory before or behind a command that writes; what is wrong with it is told."""
    wrong = desk.back_up()
    if wrong:
        desk.tell(wrong)


def _where(_args: argparse.Namespace) -> Iterator[str]:
    from reader.library.files import bundled_folder

    paths = Paths.default()
    found = {
        "settings": paths.config,
        "memory": paths.state,
        "cache": paths.index,
        "stories": bundled_folder(),
    }
    for name, path in found.items():
        known = clean(str(path)).replace("\n", "\ufffd") if path else "nowhere: there is no home"
        yield f"{name:<9} {known}"


# What is remembered ------------------------------------------------------------------------


def _quotes(args: argparse.Namespace) -> Iterator[str]:
    from reader.render.text_output import as_markdown, facts, printed

    with desk.memory() as state:
        kept = _kept(state)
    if args.story is not None:
        story = _story_of(args.story, kept)
        kept = [one for one in kept if one.story == story]
    yield from [printed(facts(kept))] if args.json else as_markdown(kept)


def _kept(state: State) -> list[Kept]:
    """Return what was kept, story by story: first the one in which something was kept first."""
    from reader.render.text_output import Kept as OfStory
    from reader.store.repository import Kept

    kept = Kept(state.ledger)
    quotes, responses = kept.quotes(), kept.responses()
    response_to = {response.story: response for response in responses}
    quotes_of: dict[str, list[Quote]] = {quote.story: [] for quote in quotes}
    for quote in quotes:
        quotes_of[quote.story].append(quote)
    return [
        OfStory(story, state.known(story), quotes_of.get(story, []), response_to.get(story))
        for story in dict.fromkeys([*quotes_of, *response_to])
    ]


def _story_of(name: str, kept: list[Kept]) -> str:
    """Return the id of the story that `name` names, though its file may be gone."""
    try:
        with desk.session() as session:
            return desk.named(session, name).id
    except UnknownStory:
        titles = {one.story: one.known.title.casefold() if one.known else "" for one in kept}
        found = [s for s, title in titles.items() if s == name or name.casefold() in title]
        if len(found) != 1:
            raise
        return found[0]


def _history(args: argparse.Namespace) -> Iterator[str]:
    from reader.render.text_output import history_facts, history_lines, printed

    with desk.memory() as state:
        history = [(finish, state.known(finish.story)) for finish in state.finishes()]
    yield from [printed(history_facts(history))] if args.json else history_lines(history)


def _export(args: argparse.Namespace) -> Iterator[str]:
    from reader.store.transfer import send_out

    with desk.memory() as state:
        if not state.knows:
            raise StateError("nothing is exported: what is remembered can't be read")
        count = send_out(state.ledger, _file(args.file))
    if args.file != "-":
        yield f"{count} facts written to {clean_line(args.file)}"


def _import(args: argparse.Namespace) -> Iterator[str]:
    from reader.store.transfer import take_in

    _back_up()
    with desk.memory() as state:
        if not state.lasts:
            raise StateError("nothing can be imported: what is remembered can't be written")
        count, news = take_in(state.ledger, _file(args.file))
    _back_up()
    yield f"{news} of {count} facts were new"


def _file(name: str) -> Path | None:
    return None if name == "-" else Path(name)


ANSWERS: Final[dict[str, Callable[[argparse.Namespace], Iterator[str]]]] = {
    "list": _list,
    "show": _show,
    "mark": _mark,
    "where": _where,
    "quotes": _quotes,
    "history": _history,
    "export": _export,
    "import": _import,
}
"""What answers each command."""
