"""How a story is shown when it is opened, by the page widget and by the first frame."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from reader.config import parse_measure
from reader.layout.lines import MeasureSettings
from reader.local_time import to_local
from reader.render.story_frame import build_head, format_stop_messages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.config import Config
    from reader.layout.viewport import Viewport
    from reader.session.open_story import OpenStory
    from reader.session.session import Session
    from reader.text.document import Block


def make_measure_settings(session: Session, config: Config) -> MeasureSettings:
    """Return the configured measure, and the one chosen last."""
    settings = MeasureSettings()
    settings.has_position_mark = config.scrollbar is not False
    if config.measure:
        settings.preferred = config.measure
    if "measure" not in config.from_environment:
        settings.chosen = parse_measure(session.get_choice("measure") or "")
    return settings


def show_open_story(viewport: Viewport, open_story: OpenStory, tail: Sequence[Block]) -> None:
    """Show a story at its place, with `tail` below it if its document is complete."""
    story = open_story.story
    head = build_head(story, open_story.pace, is_counted=open_story.document.is_complete)
    viewport.show(open_story.document, head, tail, open_story.place, story.language)


def show_stop_line(
    viewport: Viewport, open_story: OpenStory, start_key: str, now: datetime | None = None
) -> None:
    """Show where reading stopped, if it did; `start_key` is the key that starts over."""
    if open_story.stopped_at is not None:
        viewport.show_stop_line(list_stop_messages(open_story, start_key, now))


def list_stop_messages(
    open_story: OpenStory, start_key: str, now: datetime | None = None
) -> list[str]:
    """Return the wordings of the stop line at a time, the longest first; none if there is none."""
    then = open_story.stopped_at
    if then is None:
        return []
    local_now, is_changed = to_local(now or datetime.now(UTC)), open_story.is_text_changed
    return format_stop_messages(then, local_now, changed=is_changed, key=start_key)
