"""What the reader is doing now: which story, where, what is next."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from reader.library.catalog import Gathering, described
from reader.library.files import file_at
from reader.library.story import decode, read, sourced
from reader.library.text_cache import keep, text_at, text_of
from reader.reading.progress import Mark
from reader.session.open_story import Remembered, introduce, opened
from reader.session.read_status import Change, Marks
from reader.session.reading_list import (
    Ending,
    Entry,
    Group,
    Trail,
    arranged,
    entry,
    following,
    standing,
)
from reader.session.tracker import Stride
from reader.store.repository import Memory
from reader.store.write_behind import OPEN, Memories
from reader.text.places import anchor_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reader.library.catalog import Library
    from reader.library.files import File
    from reader.library.index import Index
    from reader.library.story import Story
    from reader.reading.annotations import Quote
    from reader.session.annotations import Deed, Marginalia
    from reader.session.open_story import Visit
    from reader.store.repository import Known, State
    from reader.text.document import Place


__all__ = ["Change", "Entry", "Group", "Session", "described", "entry"]


class Session:
    """One run of the program, by one reader."""

    def __init__(
        self,
        library: Library,
        state: State,
        index: Index,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.library = library
        self.lasts = state.lasts
        """What is marked now is remembered the next time."""
        self.visit: Visit | None = None
        self.order: list[Story] = []
        """The shelf as the reader last saw it, which next and previous walk along."""
        self._memories = Memories(state)
        self._done: list[Change | Deed] = []
        """What was done in this run, in its order, to be taken back from its end."""
        self._marks = Marks(self._memories, self._done)
        self.notices = self._memories.notices
        """What could not be done, a line each, for the screen to show once."""
        self._index = index
        self._gathering = Gathering(library, index)
        self._clock = clock
        self._stride = Stride(self._memories)
        self._visible: tuple[Place, Place] | None = None
        self._attending = False
        self._place_unsaved = False

    def close(self) -> None:
        """Write down what is not written yet, and let go of memory and index."""
        self.leave()
        self._memories.close()
        self._index.close()

    # The library -----------------------------------------------------------------------

    def gather(self, folders: Iterable[Path]) -> list[File]:
        """Take in the stories of `folders` whose files are known; return the other files."""
        roots = list(folders)
        self.library.folders += [Path(os.path.realpath(root)) for root in roots]
        return self._gathering.folders(roots, self.notices)

    def gather_begun(self) -> list[File]:
        """Take in the stories that were begun by FILE or FOLDER, wherever they are kept."""
        return self._gathering.begun(self._memories.begun())

    def learn(self, described: list[tuple[File, Story]]) -> None:
        """Take in stories that were described by a worker, and keep what is known of them."""
        self._gathering.learn(described)

    def entries(self) -> list[Entry]:
        """Return the shelf's entries in their order: Continue, Unread, Finished."""
        memories, stories = self._memories.all(), self.library.stories()
        known = ((story, memories.get(story.id, Memory())) for story in stories)
        return arranged([entry(story, memory, self._stride.of(story)) for story, memory in known])

    def entry(self, story: Story) -> Entry:
        """Return the entry of one story as it is now."""
        visit = self.visit
        if visit is not None and visit.story.path == story.path:
            evidence = visit.evidence
            now = Memory(evidence.mark, None, evidence.ranges, visit.total or 0)
            return entry(visit.story, now, visit.pace)
        return entry(story, self._memories.of(story), self._stride.of(story))

    # A stay in a story -----------------------------------------------------------------

    def opening(self, story: Story) -> Callable[[], Visit]:
        """Return what opens `story`: a function for a worker. It raises `Unreadable`."""
        known, kept = self._known(story), self._index.texts
        return lambda: opened(story, text_at(story, kept), known)

    def open_file(self, path: Path) -> Visit:
        """Open the file at `path` at once, whether its story is known or not.

        Its folder is not scanned. Raises `Unreadable`.
        """
        file = file_at(path)
        story = self._index.known([file]).get(file.path) if file else None
        if story is not None:
            text = text_at(story, self._index.texts)
        else:
            source = read(file.path if file else path)
            story = introduce(source, file.folder if file else "")
            text = text_of(source, story.title)
        self.library.add(story)
        return opened(story, text, self._known(story))

    def _known(self, story: Story) -> Remembered:
        """Return what is remembered of `story`."""
        record = self._memories.text_of(story.id) if story.kept else ""
        quotes = self.quotes(story) if story.kept else ()
        return Remembered(self._memories.of(story), record, self._stride.of(story), quotes)

    def know(self, visit: Visit) -> Callable[[], None]:
        """Keep what the whole text of a visit tells of its story, for the next start.

        Returns what keeps the text itself: a function for a worker.
        """
        self._gathering.know(visit.story)
        return partial(keep, visit.story, visit.text, visit.document, self._index.texts)

    def open_text(self, data: bytes) -> Visit:
        """Open a text from standard input. It has no memory. Raises `Unreadable`."""
        path = Path("standard input")
        source = sourced(decode(data, path), path)
        story = replace(introduce(source, ""), id="", kept=False)
        self.library.add(story)
        text = text_of(source, story.title)
        return opened(story, text, Remembered(Memory(), pace=self._stride.of(story)))

    def enter(self, visit: Visit) -> None:
        """Leave the story that is open, and be in `visit` from now on."""
        self.leave()
        self.visit = visit
        self._stride.begin()
        visit.remembers(self._known(visit.story))
        self._marks.watch(visit)

    def leave(self) -> None:
        """Write down what is not written yet and be in no story."""
        self.ignore()
        self.visit, self._visible, self._place_unsaved = None, None, False
        self._stride.end()
        self._marks.watch(None)

    def attend(self) -> None:
        """Count what the page shows as being read from now on."""
        self._attending = True
        self._look()

    def ignore(self) -> None:
        """Count nothing as reading until `attend`: the reader looks elsewhere."""
        self._look()
        self._attending = False
        if self.visit is not None:
            self.visit.evidence.look(None, self._clock(), self.visit.total)
            self._stride.rest(self._clock())
        self.save()

    def touched(self) -> None:
        """Take note of a key or the mouse: somebody is there. See `evidence.IDLE`."""
        if self.visit is not None:
            self.visit.evidence.touch(self._clock())

    def moved(self, place: Place) -> None:
        """Take `place` as where the reader went; it is saved with the next tick."""
        self.touched()
        if self.visit is not None and place != self.visit.place:
            self.visit.place = place
            self._place_unsaved = True

    def shows(self, first: Place, behind: Place) -> None:
        """Take what stands between two places as what the page shows."""
        self._look()
        self._visible = (first, behind)
        self._look()

    def tick(self) -> Change | None:
        """Credit what was read and write it down; return a mark that reading has set.

        To be called about every half second.
        """
        self._look()
        is_written = self.save()  # what is told is there after a kill
        return self._marks.news.pop(0) if is_written and self._marks.news else None

    def save(self) -> bool:
        """Write what is not written yet; tell whether all of it is, or never can be.

        What must wait for another program is tried again.
        """
        self._note()
        is_waiting = self._memories.write()
        if "marginalia" in self.__dict__:
            self.marginalia.save()
        return not is_waiting

    def _look(self) -> None:
        visit = self.visit
        if visit is None or not self._attending or self._visible is None:
            return
        view, now = visit.view(*self._visible), self._clock()
        before = visit.evidence.mark
        if visit.evidence.look(view, now, visit.total) is not before:
            self.save()  # before anybody can show it
        self._stride.look(visit, view, now)

    def _note(self) -> None:
        """Hand on what this stay has brought since it was last asked."""
        self._marks.notice()
        visit = self.visit
        if visit is None or not visit.story.kept:
            return
        if visit.is_numbered and (self._place_unsaved or visit.evidence.fresh):
            self._number(visit)
        if self._place_unsaved:
            anchor = anchor_at(visit.document, visit.place)
            self._memories.note_place(visit.story, anchor, visit.round)
            self._place_unsaved = False
        if visit.is_numbered and visit.evidence.fresh:
            self._memories.note_words(visit.story, visit.evidence.fresh, visit.total or 0)
            visit.evidence.fresh = ()

    def _number(self, visit: Visit) -> None:
        """Hand on which text the words read are numbered in, once for each version of it."""
        numbering = visit.numbering()
        if numbering is not None and visit.story.kept:
            self._memories.note_text(visit.story, *numbering, visit.total or 0)

    # Marks -----------------------------------------------------------------------------

    def toggle_mark(self, story: Story) -> Change:
        """Mark `story` finished, or unread if it is finished. Raises as `mark` does."""
        unread = self._marks.of(story) is Mark.FINISHED
        return self.mark(story, Mark.UNREAD if unread else Mark.FINISHED)

    def mark(self, story: Story, mark: Mark) -> Change:
        """Set the mark of `story` by hand. Raises `StateError`, or `Unreadable`."""
        self._note_all()
        return self._marks.set(story, mark)

    def undo(self) -> Change | Deed | None:
        """Take back what was done last in this run; return it, or None. Raises `StateError`."""
        self._note_all()
        return self.marginalia.undo() or self._marks.undo()

    def _note_all(self) -> None:
        """Hand on what a mark by hand stands on: with what it gives back, words are numbered."""
        self._note()
        if self.visit is not None and self.visit.changed:
            self._number(self.visit)

    # What next -------------------------------------------------------------------------

    @property
    def trail(self) -> Trail:
        """The list the reader came by, as it goes on from the story that is open."""
        return Trail(self.visit.story.path if self.visit else None, self.order)

    def neighbour(self, step: int) -> Story | None:
        """Return the story `step` further along the list the reader came by."""
        return self.trail.step(step) if self.visit is not None else None

    def ending(self, visit: Visit) -> Ending:
        """Return what there is to say at the end of a visit's story. Takes a walk along the shelf."""
        story, entries = visit.story, self.entries()
        trail = Trail(story.path, self.order or [entry.story for entry in entries])
        return Ending(
            *standing(visit, self.entry(story)),
            self.quotes(story) if story.kept else (),
            self.response(story) if story.kept else "",
            following(story, entries, trail),
            trail.step(1),
        )

    # What the reader added --------------------------------------------------------------

    @cached_property
    def marginalia(self) -> Marginalia:
        """What keeps, writes and takes away; the first screen needs none of it."""
        from reader.session.annotations import Marginalia

        return Marginalia(self._memories, self._done, lambda: self.visit)

    def quotes(self, story: Story) -> list[Quote]:
        """Return what was kept of `story`, the oldest first."""
        return self._memories.quotes(story.id)

    def response(self, story: Story) -> str:
        """Return the reader's own words on `story`, empty where there are none."""
        return self._memories.response(story.id)

    def goes_to(self, story: Story | None) -> None:
        """Note that the reader is on the page with `story`, or with None on the shelf."""
        self._memories.note_open(story)

    def known_open(self) -> tuple[str, Known] | None:
        """Return the id of the story that was on the page when the reader left, and what it was."""
        story = self.chosen(OPEN)
        known = self._memories.known_story(story) if story else None
        return (story, known) if story and known else None

    def chosen(self, name: str) -> str | None:
        """Return what was last chosen in the app for `name`."""
        return self._memories.chosen(name)

    def choose(self, name: str, value: str) -> None:
        """Remember a choice made in the app."""
        self._memories.choose(name, value)
