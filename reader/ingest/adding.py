"""Add drafts to a folder of stories: save them, attach their highlights, fetch lists of links.

`Adder` is one run: it knows the stories of the folder, so that adding an archive takes time in
proportion to its size.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from reader.errors import ReaderError, StateError
from reader.ingest.archives import (
    keep_earlier_links,
    make_highlight_list,
    make_link_list,
)
from reader.ingest.highlights import SubjectFinder, attach_highlights
from reader.ingest.known_stories import KnownStories
from reader.ingest.save import choose_book_folder, save_draft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from reader.ingest import Draft, Facts, SourceHighlight, SourceLink
    from reader.ingest.save import Saved
    from reader.store.repository import Store


class Added(NamedTuple):
    """What became of a draft."""

    draft: Draft
    saved: Saved | None = None
    """None if nothing had to be saved, since stories have all its highlights."""
    attached: int = 0
    """Highlights that a story has now."""


class Adder:
    """Adds drafts to one folder."""

    def __init__(
        self,
        folder: Path,
        open_store: Callable[[], Store] | None = None,
        fetch_drafts: Callable[[str], Iterable[Draft]] | None = None,
        report: Callable[[ReaderError], None] | None = None,
    ) -> None:
        """`open_store` is called once there are highlights; `fetch_drafts` loads an address.

        `report` is called with the error of each address that can't be fetched.
        """
        self._folder = folder
        self._open_store, self._fetch_drafts, self._report = open_store, fetch_drafts, report
        self._store: Store | None = None
        self._known: dict[Path, KnownStories] = {}
        self._books: dict[str, Path] = {}
        """The folders of the books of this run, by the books' ids."""
        self._subjects: SubjectFinder | None = None

    def add(self, draft: Draft) -> Iterator[Added]:
        """Add a draft, and yield what became of it. Raises `UnreadableFile` and `StateError`."""
        if draft.subject is not None:
            yield from self._add_highlights(draft, draft.subject)
        elif draft.links and self._fetch_drafts is not None:
            yield from self._fetch_links(draft)
        else:
            yield from self._save(draft)

    def _save(self, draft: Draft) -> Iterator[Added]:
        """Save a story, and attach its highlights; those that can't be are saved as a story."""
        saved = self._write(draft)
        highlights = () if draft.subject is not None else draft.highlights
        try:
            rest = self._attach([saved.path], highlights)
        except ReaderError as error:
            yield Added(draft, saved)
            title = draft.facts.title or saved.path.name
            raise StateError(
                f"the highlights of {title} were not attached: {error}; add it again"
            ) from error
        yield Added(draft, saved, len(highlights) - len(rest))
        if rest:
            listed = make_highlight_list(draft.facts, rest)
            yield Added(listed, self._write(listed))

    def _write(self, draft: Draft) -> Saved:
        """Write the file of a story, or replace that of the same story."""
        folder = self._choose_folder(draft)
        known = self._known.get(folder)
        if known is None and folder.is_dir():
            known = self._known[folder] = KnownStories(folder)
        existing = known.find(draft) if known is not None and draft.links else None
        if existing is not None:
            draft = keep_earlier_links(draft, existing.read())
        saved = save_draft(draft, folder, known)
        if self._subjects is not None:
            self._subjects.add(saved.path)
        return saved

    def _attach(
        self, paths: Sequence[Path], highlights: Sequence[SourceHighlight]
    ) -> list[SourceHighlight]:
        """Attach highlights to the stories at `paths`; return those for which that isn't possible.

        Without reading data that is kept, these are all of them. Raises `StateError`.
        """
        if not paths or not highlights or self._open_store is None:
            return list(highlights)
        if self._store is None:
            self._store = self._open_store()
        if not self._store.is_persistent:
            return list(highlights)
        return attach_highlights(self._store, paths, highlights)

    def _choose_folder(self, draft: Draft) -> Path:
        """Return the folder for a draft: that of its book, which is made if it is missing."""
        if draft.place is None:
            return self._folder
        book_id = draft.place.book_id
        if book_id not in self._books:
            self._books[book_id] = choose_book_folder(draft.place, self._folder)
        return self._books[book_id]

    def _add_highlights(self, draft: Draft, subject: Facts) -> Iterator[Added]:
        """Attach highlights to the stories that they are of, and save a story of the rest."""
        if self._subjects is None:
            self._subjects = SubjectFinder(self._folder)
        rest = self._attach(self._subjects.find(subject), draft.highlights)
        attached = len(draft.highlights) - len(rest)
        if not rest:
            yield Added(draft, None, attached)
            return
        rest_draft = make_highlight_list(subject, rest) if attached else draft
        yield Added(rest_draft, self._write(rest_draft), attached)

    def _fetch_links(self, draft: Draft) -> Iterator[Added]:
        """Add the pages of a list of links, and the list of those that can't be fetched."""
        failed: list[SourceLink] = []
        for link in draft.links:
            try:
                pages = list(self._fetch_drafts(link.url)) if self._fetch_drafts else []
            except ReaderError as error:
                failed.append(link)
                if self._report is not None:
                    self._report(error)
                continue
            for page in pages:  # an error in saving would meet every other page too
                yield from self._save(_add_facts(page, link))
        if failed:
            title = f"{draft.facts.title}: links that couldn't be fetched"
            yield from self._save(make_link_list(title, failed))


def _add_facts(draft: Draft, link: SourceLink) -> Draft:
    """Return the story of a page with what the list says about it and the page doesn't."""
    facts = draft.facts
    return replace(
        draft,
        facts=replace(
            facts,
            title=facts.title or link.title,
            tags=facts.tags or link.tags,
            url=facts.url or link.url,
        ),
    )
