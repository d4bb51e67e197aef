"""Track the reader's attention: which words are visible, for how long, at what pace.

The tracker credits the time to the open story as words read. It runs while the page has
the focus.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.reading.progress import PaceMeter, add_sample, compute_pace, parse_language

if TYPE_CHECKING:
    from collections.abc import Callable

    from reader.library.story import Story
    from reader.reading.progress import View
    from reader.session.open_story import OpenStory
    from reader.session.read_status import ReadStatuses, StatusChange
    from reader.store.write_behind import WriteBehind
    from reader.text.document import Place


class Tracker:
    """Credits reading time to the open story, and measures the reader's pace."""

    def __init__(
        self,
        write_behind: WriteBehind,
        read_statuses: ReadStatuses,
        save: Callable[[], bool],
        clock: Callable[[], float],
    ) -> None:
        self._write_behind = write_behind
        self._read_statuses = read_statuses
        self._save = save
        """Writes all changes; returns whether none of them has to wait for another program."""
        self._clock = clock
        """Returns seconds of a monotonic clock."""
        self._current: OpenStory | None = None
        self._visible_range: tuple[Place, Place] | None = None
        self._is_running = False
        self._pace_meter = PaceMeter()
        self._paces: dict[str, int] = {}
        """The pace by language, in words per minute, as it was when the story was entered."""

    def watch_story(self, open_story: OpenStory | None) -> None:
        """Track another open story, or none. Paces measured so far count from now on."""
        self._current, self._visible_range = open_story, None
        self._pace_meter = PaceMeter()
        self._paces.clear()
        if open_story is not None:
            self._paces[open_story.story.language] = open_story.pace

    def start(self) -> None:
        """Credit what is visible from now on."""
        self._is_running = True
        self._credit()

    def stop(self) -> None:
        """Credit nothing until `start`, and save."""
        self._credit()
        self._is_running = False
        if self._current is not None:
            now = self._clock()
            self._current.reading_credit.record_view(None, now, self._current.word_count)
            self._pace_meter.record_view(None, (), now)
        self._save()

    def forget_time(self) -> None:
        """Drop the time since the last credit. A signal handler may call this."""
        if self._current is not None:
            self._current.reading_credit.forget()

    def record_activity(self) -> None:
        """Record that the reader pressed a key or moved the mouse. See `progress.IDLE_SECONDS`."""
        if self._current is not None:
            self._current.reading_credit.record_input(self._clock())

    def record_move(self, place: Place) -> None:
        """Record that the reader went to `place`; the next tick saves it."""
        self.record_activity()
        if self._current is not None:
            self._current.move_to(place)

    def set_visible_range(self, first: Place, end: Place) -> None:
        """Set the part of the text that the page shows from now on."""
        self._credit()
        self._visible_range = (first, end)
        self._credit()

    def tick(self) -> StatusChange | None:
        """Credit and save; return an automatic status change to announce, once it is saved.

        Call this about every half second.
        """
        self._credit()
        return self._read_statuses.next_announcement() if self._save() else None

    def get_pace(self, story: Story) -> int:
        """Return the reader's pace in the language of `story`, in words per minute.

        It doesn't change while a story is open, so that the minutes left don't jump.
        """
        if story.language not in self._paces:
            samples = self._write_behind.load_pace_samples(parse_language(story.language))
            self._paces[story.language] = compute_pace(samples)
        return self._paces[story.language]

    def _credit(self) -> None:
        """Credit the time since the last call to the words that were visible.

        Nobody asked for the beginning that is shown until the goal is parsed: it counts for nothing.
        """
        open_story = self._current
        if open_story is None or not self._is_running or self._visible_range is None:
            return
        if open_story.goal is not None:
            return
        view, now = open_story.make_view(*self._visible_range), self._clock()
        credit = open_story.reading_credit
        before = credit.status
        if credit.record_view(view, now, open_story.word_count) is not before:
            self._save()  # a status must be saved before the screen shows it
        self._measure_pace(open_story, view, now)

    def _measure_pace(self, open_story: OpenStory, view: View, now: float) -> None:
        pace = self._pace_meter.record_view(view, open_story.reading_credit.ranges, now)
        if pace is not None and open_story.story.is_persistent:
            language = parse_language(open_story.story.language)
            samples = add_sample(self._write_behind.load_pace_samples(language), pace)
            self._write_behind.queue_pace_samples(language, samples)
