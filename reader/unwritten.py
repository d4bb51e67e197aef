"""What of a story is still to be written down: it counts as remembered all the same.

Owns how facts that wait change what is remembered. Writes nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .evidence import Mark, Ranges, union

if TYPE_CHECKING:
    from .document import Anchor
    from .state import Finishing, Memory
    from .story import Story


@dataclass(slots=True)
class Unwritten:
    """What of one story is still to be written down."""

    story: Story
    anchor: Anchor | None = None
    round: int = 0
    text: str | None = None
    carried: Ranges | None = None
    """The words read before, as they are numbered in `text`."""
    ranges: Ranges = ()
    words: int = 0
    mark: Mark | None = None
    finish: Finishing | None = None

    def over(self, memory: Memory) -> Memory:
        """Return `memory` as it will be."""
        marks = [memory.mark, self.mark or memory.mark]
        read = memory.ranges if self.carried is None else self.carried
        if self.anchor is not None:
            memory = memory._replace(
                anchor=self.anchor, round=self.round, stopped=datetime.now(UTC)
            )
        return memory._replace(
            mark=max(marks, key=list(Mark).index),
            ranges=union(read, self.ranges),
            words=self.words or memory.words,
            finished=memory.finished + (self.finish is not None),
        )
