"""Track what is read during a session: reading credit and pace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.reading.progress import PaceMeter, add_sample, compute_pace, parse_language

if TYPE_CHECKING:
    from reader.library.story import Story
    from reader.reading.progress import View
    from reader.session.open_story import OpenStory
    from reader.store.write_behind import WriteBehind


class Tracker:
    """How fast the reader reads, in each language."""

    def __init__(self, write_behind: WriteBehind) -> None:
        self._write_behind = write_behind
        self._paces: dict[str, int] = {}
        """The pace in each language, as it was when the story that is open was entered."""
        self._pacer = PaceMeter()

    def get_pace(self, story: Story) -> int:
        """Return the reader's own pace (words a minute) in the language of `story`.

        It stays the same throughout a stay, so that no minutes run while they are read.
        """
        if story.language not in self._paces:
            samples = self._write_behind.load_pace_samples(parse_language(story.language))
            self._paces[story.language] = compute_pace(samples)
        return self._paces[story.language]

    def start_story(self) -> None:
        """Begin another stay."""
        self._pacer = PaceMeter()

    def end_story(self) -> None:
        """End the stay: what it told of the pace counts from now on."""
        self._paces.clear()

    def record_view(self, visit: OpenStory, view: View, now: float) -> None:
        """Take what is visible from `now` (seconds) on, and hand on what was just read."""
        rate = self._pacer.record_view(view, visit.reading_credit.ranges, now)
        if rate is not None and visit.story.is_persistent:
            language = parse_language(visit.story.language)
            self._write_behind.queue_pace_samples(
                language, add_sample(self._write_behind.load_pace_samples(language), rate)
            )

    def pause(self, now: float) -> None:
        """Take note that the reader looks away."""
        self._pacer.record_view(None, (), now)
