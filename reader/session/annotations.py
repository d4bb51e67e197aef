"""Highlights, notes and responses as the reader makes, edits and deletes them."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import StateError
from reader.reading.annotations import Quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reader.library.story import Story
    from reader.reading.annotations import Finish
    from reader.session.open_story import Visit
    from reader.session.read_status import Change
    from reader.store.repository import Known
    from reader.store.write_behind import Memories
    from reader.text.places import Passage


LONGEST: Final = 20_000
"""Characters of a quote, a remark or a response: some ten pages."""


class Added(NamedTuple):
    """One thing that the reader added to a story: a quote with its remark, or a response."""

    story: str
    """The story's id."""
    title: str
    at: datetime
    """When it was kept or written."""
    quote: Quote | None
    response: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What there is only one of."""
        return self.story, self.quote.id if self.quote is not None else ""

    @property
    def words(self) -> str:
        """The reader's own words: the remark or the response."""
        return self.response if self.quote is None else self.quote.remark

    def saying(self, words: str) -> Added:
        """Return this with other words of the reader's."""
        if self.quote is None:
            return self._replace(response=words)
        return self._replace(quote=self.quote._replace(remark=words))


def quoted(quote: Quote, title: str) -> Added:
    """Return `quote`, of a story of that title, as one thing that was added."""
    return Added(quote.story, title, quote.made, quote)


class Deed(NamedTuple):
    """Something that was added, changed or taken away, and what undoes it."""

    before: Added | None
    after: Added | None

    @property
    def what(self) -> Added:
        """What it was done to."""
        found = self.after or self.before
        assert found is not None  # noqa: S101  a deed that did nothing is none
        return found


class Draft:
    """Words that are being written beside a quote, or under a story."""

    def __init__(self, on: Added, story: Story | None) -> None:
        self.on = on
        self.text = self.written = on.words
        self.story = story
        """The story, where it is one that may not have been met."""
        self.is_closed = False


class Marginalia:
    """Keeps, writes, takes away and takes back."""

    def __init__(
        self, memories: Memories, done: list[Change | Deed], visit: Callable[[], Visit | None]
    ) -> None:
        self._memories = memories
        self._done = done
        """What was done in this run, marks among it, in its order."""
        self._visit = visit
        """Returns the stay in the story that is open."""
        self._began: dict[str, Passage] = {}
        """What quotes of this run, by id, were before they were widened."""
        self._drafts: list[Draft] = []

    # Keeping ---------------------------------------------------------------------------

    def keep(self, passage: Passage, *, is_selected: bool = False) -> Deed | None:
        """Keep `passage` of the open story, or widen or narrow what is kept there.

        What `is_selected` within a paragraph that was kept is a quote of its own, unless the
        paragraph was kept by widening it. None where it is kept, and its paragraph is no
        more, or is kept too. Raises `StateError`.
        """
        from reader.reading.annotations import other_extent
        from reader.text.places import blocks_round

        visit = self._visit()
        if visit is None:
            return None
        document, keeping = visit.document, visit.keeping
        before, wide = keeping.at(passage), keeping.at(blocks_round(document, passage))
        if before is None and wide is not None:
            began = self._began.get(wide.id)
            before = wide if began == passage or (began is None and not is_selected) else None
        if before is None:
            deed = self._keep(visit, passage, None)
            self._began[deed.what.key[1]] = passage
            return deed
        extent = other_extent(document, passage, keeping.passages[before.id])
        if extent is None or keeping.at(extent) is not None:
            return None
        self._began.setdefault(before.id, passage)
        return self._keep(visit, extent, before)

    def _keep(self, visit: Visit, passage: Passage, before: Quote | None) -> Deed:
        from reader.text.places import anchor_at, text_between

        text, anchor = text_between(visit.document, *passage), anchor_at(visit.document, passage[0])
        if len(text) > LONGEST:
            raise StateError(f"a quote has at most {LONGEST} characters, so keep less of the text")
        story = visit.story
        if before is None:
            quote = Quote(os.urandom(8).hex(), story.id, anchor, text, "", datetime.now(UTC))
        else:  # with the remark it has now: another program may have written one
            before = next(iter(self._memories.quotes_named([before.id])), before)
            quote = before._replace(anchor=anchor, text=text)
        self._memories.keep(story, quote)
        visit.keeping.put(quote, passage)
        was = quoted(before, story.title) if before is not None else None
        return self._did(Deed(was, quoted(quote, story.title)))

    def discard(self, added: Added) -> Deed:
        """Take a quote or a response away. Raises `StateError`."""
        self._take_away(added)
        self._renew(added.story)
        return self._did(Deed(added, None))

    def undo(self) -> Deed | None:
        """Take back what was done last if it is one of these deeds. Raises `StateError`."""
        deed = self._done[-1] if self._done else None
        if not isinstance(deed, Deed):
            return None
        before, after = deed
        now = self.now(deed.what)
        if before and after and now and before.words == after.words:
            before = before.saying(now.words)  # what another program wrote meanwhile stays
        if before is None:
            self._take_away(deed.what)
        elif before.quote is not None:
            self._memories.kept.keep(before.quote)
        else:
            self._memories.kept.respond(before.story, before.response)
        self._renew(deed.what.story)
        self._done.pop()
        return deed

    def _take_away(self, added: Added) -> None:
        if added.quote is not None:
            self._memories.kept.discard(added.quote.id)
        else:
            self._memories.kept.respond(added.story, "")

    def _did(self, deed: Deed) -> Deed:
        self._done.append(deed)
        return deed

    def _renew(self, story: str) -> None:
        """Show what is kept of `story` now, if it is open."""
        visit = self._visit()
        if visit is not None and visit.story.id == story:
            visit.keeping.renew(self._memories.quotes(story))

    # Writing ---------------------------------------------------------------------------

    def response_to(self, story: Story) -> Added:
        """Return the response to `story`, empty where there is none yet."""
        text = self._memories.response(story.id)
        return Added(story.id, story.title, datetime.now(UTC), None, text)

    def write(self, on: Added, story: Story | None = None) -> Draft:
        """Return what words are written in: those of `on`, or what was not put down of them yet.

        A response needs its `story` where that may not have been open before.
        """
        for draft in self._drafts:
            if draft.on.key == on.key:
                draft.is_closed = False
                return draft
        self._drafts.append(Draft(on, story))
        return self._drafts[-1]

    def finish(self, draft: Draft) -> Deed | None:
        """Put down a draft and be done with it; None if it says what stood there before.

        Raises `StateError`; then it is put down as soon as that can be.
        """
        draft.is_closed = True
        draft.text = draft.text.strip()
        self._put_down(draft)
        self._drafts.remove(draft)
        if draft.text == draft.on.words:
            return None
        self._renew(draft.on.story)
        after = draft.on.saying(draft.text)
        is_empty = after.quote is None and not after.response
        before = None if after.quote is None and not draft.on.response else draft.on
        return self._did(Deed(before, None if is_empty else after))

    def save(self) -> None:
        """Put down what has been typed. What can't be written now is tried again."""
        for draft in list(self._drafts):
            with suppress(StateError):
                if draft.is_closed:
                    self.finish(draft)
                else:
                    self._put_down(draft)

    def _put_down(self, draft: Draft) -> None:
        if draft.text == draft.written:
            return
        if draft.on.quote is not None:
            self._memories.kept.remark(draft.on.quote.id, draft.text)
        elif draft.story is not None:
            self._memories.respond(draft.story, draft.text)
        else:
            self._memories.kept.respond(draft.on.story, draft.text)
        draft.written = draft.text

    # All there is ----------------------------------------------------------------------

    def newest(self) -> list[str]:
        """Return the ids of all quotes, that of the newest first."""
        return self._memories.newest_quotes()

    def quotes(self, ids: Iterable[str]) -> list[Added]:
        """Return the quotes with those ids that are there, in that order."""
        found = self._memories.quotes_named(list(ids))
        titles = {story: self.title(story) for story in {quote.story for quote in found}}
        return [quoted(quote, titles[quote.story]) for quote in found]

    def responses(self) -> list[Added]:
        """Return every response, the newest first."""
        return [
            Added(one.story, self.title(one.story), one.changed, None, one.text)
            for one in reversed(self._memories.responses())
        ]

    def history(self) -> list[tuple[Finish, str]]:
        """Return what was finished when, the newest first, each with its story's title."""
        finishes = self._memories.finishes()
        titles = {one: self.title(one) for one in {finish.story for finish in finishes}}
        return [(finish, titles[finish.story]) for finish in finishes]

    def now(self, added: Added) -> Added | None:
        """Return a quote or response as it is now, None if it is there no more."""
        if added.quote is not None:
            return next(iter(self.quotes([added.quote.id])), None)
        text = self._memories.response(added.story)
        return added._replace(response=text) if text else None

    def known(self, story: str) -> Known | None:
        """Return what the story with that id was when it was last open."""
        return self._memories.known_story(story)

    def title(self, story: str) -> str:
        """Return what the story with that id was called when it was last open."""
        known = self.known(story)
        return (known.title if known else "") or story
