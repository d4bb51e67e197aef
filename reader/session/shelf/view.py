"""Change what the reader sees of the stories. Each function returns a notice of what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.config import SORTS

if TYPE_CHECKING:
    from reader.session.shelf.shelf_list import ShelfList


def choose_order(shelf_list: ShelfList, order: str) -> str:
    """Show the stories in `order`; if it is empty, in the one after the present one."""
    order = order or SORTS[(SORTS.index(shelf_list.view.sort) + 1) % len(SORTS)]
    shelf_list.save_view(shelf_list.view._replace(sort=order))
    return f"Order: {order.replace('-', ' ')}."


def toggle_drafts(shelf_list: ShelfList) -> str:
    """Show drafts, or hide them again."""
    view = shelf_list.view
    shelf_list.view = view._replace(shows_drafts=not view.shows_drafts)
    return f"Drafts are {'hidden' if view.shows_drafts else 'shown'}."


def toggle_hidden(shelf_list: ShelfList, key: str) -> str:
    """Show the stories that the reader has hidden, or leave them out again.

    `key` keeps one on the shelf; empty if no key does.
    """
    shelf_list.load_view_data()
    view = shelf_list.view
    shelf_list.view = view._replace(shows_hidden=not view.shows_hidden)
    if view.shows_hidden:
        return "Hidden stories are left out."
    if not view.hidden:
        return "No story is hidden."
    return "Hidden stories are shown" + (f"; {key} keeps one on the shelf." if key else ".")
