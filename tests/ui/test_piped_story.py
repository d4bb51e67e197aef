"""A story that comes through a slow pipe is shown as far as it has come, and grows at its end."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from app_driver import Stage, make_numbered_story, render_rows, wait_until

from reader.library.pipe import Pipe
from reader.text.document import Place

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_story_grows_at_its_end_with_the_same_words_in_view(tmp_path: Path) -> None:
    stage, (reading, writing) = Stage(tmp_path), os.pipe()
    session, screen, page = stage.session, stage.screen, stage.screen.page

    def write(text: str) -> None:
        os.write(writing, text.encode())

    write(f"# Slow\n\n{make_numbered_story(20)}\n\nA needle, and")
    pipe = Pipe(reading)
    assert pipe.wait_for_bytes(60)
    session.enter(session.open_piped(pipe))
    screen.panes.is_on_page = True
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: page.has_focus and bool(page.document.blocks))
        assert page.document.blocks[-1].text == "A needle, and"
        await pilot.press(*"/needle", "enter")
        await wait_until(pilot, lambda: page.place > Place(5))
        rows, status = render_rows(page), screen.status_bar.text
        assert "more is coming" in status
        screen.status_bar.show_notice("Started: a notice that is about as wide as the screen is")
        assert render_rows(screen.status_bar)[0].endswith("% · more is coming")
        screen.status_bar.clear_notice()
        write(" another needle.\n\nThe last needle")
        await wait_until(pilot, lambda: page.document.blocks[-1].text == "The last needle")
        changed = [a for a, b in zip(rows, render_rows(page), strict=True) if a and a != b]
        assert [row.strip() for row in changed] == ["A needle, and"]
        await pilot.press("n", "n")
        assert str(page.decorations.search_results) == "3 of 3"
        assert session.current is not None
        assert session.current.is_growing
        os.close(writing)
        await wait_until(pilot, lambda: session.current is not None and session.current.is_complete)
        stage.tick()
        assert "more is coming" not in screen.status_bar.text
        assert page.viewport.document.is_complete
        await wait_until(pilot, lambda: "◆" in "".join(render_rows(page)))
    os.close(reading)
