"""Track what is read during a session: reading credit and pace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.reading.progress import Pacer, language_of, pace, sampled

if TYPE_CHECKING:
    from reader.library.story import Story
    from reader.reading.progress import View
    from reader.session.open_story import Visit
    from reader.store.write_behind import Memories


class Stride:
    """How fast the reader reads, in each language."""

    def __init__(self, memories: Memories) -> None:
        self._memories = memories
        self._paces: dict[str, int] = {}
        """The pace in each language, as it was when the story that is open was entered."""
        self._pacer = Pacer()

    def of(self, story: Story) -> int:
        """Return the reader's own pace (words a minute) in the language of `story`.

        It stays the same throughout a stay, so that no minutes run while they are read.
        """
        if story.language not in self._paces:
            samples = self._memories.pace(language_of(story.language))
            self._paces[story.language] = pace(samples)
        return self._paces[story.language]

    def begin(self) -> None:
        """Begin another stay."""
        self._pacer = Pacer()

    def end(self) -> None:
        """End the stay: what it told of the pace counts from now on."""
        self._paces.clear()

    def look(self, visit: Visit, view: View, now: float) -> None:
        """Take what is visible from `now` (seconds) on, and hand on what was just read."""
        rate = self._pacer.look(view, visit.evidence.ranges, now)
        if rate is not None and visit.story.kept:
            language = language_of(visit.story.language)
            self._memories.note_pace(language, sampled(self._memories.pace(language), rate))

    def rest(self, now: float) -> None:
        """Take note that the reader looks away."""
        self._pacer.look(None, (), now)
