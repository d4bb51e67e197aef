"""Change what the reader sees of the stories, which returns a notice of what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.config import SORTS
from reader.session.shelf.entries import ShelfGroup
from reader.store.folders import LIBRARY_KEY

if TYPE_CHECKING:
    from reader.session.shelf.sections import ShelfSection
    from reader.session.shelf.shelf_list import ShelfList


def has_own_order(shelf_list: ShelfList, section: ShelfSection) -> bool:
    """Return whether an order can be chosen for a section alone.

    It can for one of several folders, but not for the folder that the whole shelf shows.
    """
    is_of_several = shelf_list.view.sort == SORTS[0] and section.name != ShelfGroup.UNREAD
    is_whole = shelf_list.view_key not in ("", LIBRARY_KEY) and section.folder in {
        str(folder.path) for folder in shelf_list.view.folders
    }
    return bool(section.folder) and is_of_several and not is_whole


def choose_order(shelf_list: ShelfList, order: str, section: ShelfSection | None) -> str:
    """Show the stories of a section in `order`; if it is empty, in the one after the present one.

    If the section has no order of its own, or is None, it is the order of the whole shelf.
    """
    if section is None or not has_own_order(shelf_list, section):
        order = order or _find_next(shelf_list.view.sort)
        if section is not None and section.folder in shelf_list.view.sorts:  # the only folder's
            default = shelf_list.view.find_default_sort(section.folder)
            shelf_list.save_section_sort(section.folder, default)
        shelf_list.save_view(shelf_list.view._replace(sort=order))
        return f"Order: {_format(order)}."
    order = order or _find_next(section.sort or SORTS[0])
    shelf_list.save_section_sort(section.folder, order)
    return f"Order of {section.name}: {_format(order)}."


def _find_next(sort: str) -> str:
    return SORTS[(SORTS.index(sort) + 1) % len(SORTS)]


def _format(sort: str) -> str:
    return sort.replace("-", " ")


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
