"""Of two memories the later change holds, words add up, and no story is un-read by merging."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reader.store.facts import Fact, Stamp
from reader.store.merge import merge_facts


def fact(table: str, *values: str | int | bytes, at: int = 0, serial: int = 1) -> Fact:
    """Return a fact that was changed in the second `at`."""
    stamp = Stamp(serial, f"2026-01-01T00:00:{at:02}.000+00:00", "laptop")
    return Fact(table, values, stamp)


def said(facts: list[Fact]) -> dict[str, tuple[object, ...]]:
    return {fact.table: fact.values[1:] for fact in facts}


def test_the_later_change_holds_whichever_side_it_is_on() -> None:
    early, late = fact("response", "s", "a", at=1), fact("response", "s", "b", at=2)
    assert said(merge_facts([early], [late])) == {"response": ("b",)}
    assert said(merge_facts([late], [early])) == {"response": ("b",)}


def test_of_two_changes_at_once_both_sides_take_the_same() -> None:
    one, two = fact("response", "s", "a"), fact("response", "s", "b")
    assert said(merge_facts([one], [two])) == said(merge_facts([two], [one]))


def test_a_quote_that_was_discarded_later_stays_discarded() -> None:
    place = (0, 0, "", "", "text", "", "2026-01-01T00:00:00.000+00:00")
    kept = fact("quote", "q", "s", *place, 0, at=1)
    gone = fact("quote", "q", "s", *place, 1, at=2)
    assert merge_facts([kept], [gone])[0].values[-1] == 1
    assert merge_facts([gone], [kept])[0].values[-1] == 1


def test_words_read_on_both_sides_add_up() -> None:
    ours = fact("reading", "s", "[[0, 10]]", 100, at=2)
    theirs = fact("reading", "s", "[[5, 20], [30, 40]]", 90, at=1)
    assert said(merge_facts([ours], [theirs])) == {"reading": ("[[0, 20], [30, 40]]", 100)}


def test_words_numbered_in_different_texts_are_not_mixed() -> None:
    ours = [fact("reading", "s", "[[0, 10]]", 100, at=1), fact("text", "s", "old", at=5)]
    theirs = [fact("reading", "s", "[[5, 20]]", 90, at=2), fact("text", "s", "new", at=2)]
    expected = {"reading": ("[[5, 20]]", 90), "text": ("new",)}
    assert said(merge_facts(ours, theirs)) == expected
    assert said(merge_facts(theirs, ours)) == expected


def test_words_of_the_same_text_add_up() -> None:
    text = fact("text", "s", "same")
    ours = [fact("reading", "s", "[[0, 10]]", 100, at=1), text]
    theirs = [fact("reading", "s", "[[5, 20]]", 100, at=2), text]
    assert said(merge_facts(ours, theirs))["reading"] == ("[[0, 20]]", 100)


FINISH = fact("finish", "f", "s", "2026-01-01T00:00:00.000+00:00", 6, 0)


def test_a_machine_on_which_a_story_was_begun_anew_does_not_un_read_it() -> None:
    finished, begun = fact("mark", "s", "finished", at=1), fact("mark", "s", "reading", at=2)
    assert said(merge_facts([finished, FINISH], [begun]))["mark"] == ("finished",)
    assert said(merge_facts([begun], [finished, FINISH]))["mark"] == ("finished",)


def test_a_mark_that_was_taken_back_later_is_taken_back() -> None:
    finished, begun = fact("mark", "s", "finished", at=1), fact("mark", "s", "reading", at=2)
    gone = FINISH._replace(values=(*FINISH.values[:-1], 1), stamp=begun.stamp)
    assert said(merge_facts([finished, FINISH], [begun, gone]))["mark"] == ("reading",)


def test_a_story_marked_unread_by_hand_later_is_unread() -> None:
    finished, unread = fact("mark", "s", "finished", at=1), fact("mark", "s", "unread", at=2)
    assert said(merge_facts([finished, FINISH], [unread]))["mark"] == ("unread",)


def test_a_story_stays_where_this_machine_has_it_under_its_later_name() -> None:
    ours = fact("story", "s", b"/here", "mine", "Old", "", "", at=1)
    theirs = fact("story", "s", b"/there", "yours", "New", "", "", at=2)
    assert said(merge_facts([ours], [theirs])) == {"story": (b"/here", "mine", "New", "", "")}


def test_what_was_read_last_stays_last_on_either_side() -> None:
    ours = [fact("mark", name, "reading", at=at, serial=n)
            for n, (name, at) in enumerate([("a", 1), ("b", 9), ("c", 3)])]  # fmt: skip
    theirs = [fact("mark", "d", "reading", at=2, serial=7)]
    order = [one.values[0] for one in merge_facts(ours, theirs)]
    assert order == ["a", "d", "b", "c"]
    assert [one.stamp.serial for one in merge_facts(ours, theirs)] == [1, 2, 3, 4]


KEYS = st.sampled_from("st")
AT = st.integers(0, 5)
RANGES = st.sampled_from(["[]", "[[0, 5]]", "[[3, 9]]", "[[0, 5], [7, 9]]"])
FACTS = st.one_of(
    st.builds(lambda k, v, a: fact("response", k, v, at=a), KEYS, KEYS, AT),
    st.builds(lambda k, r, a: fact("reading", k, r, 9, at=a), KEYS, RANGES, AT),
    st.builds(lambda k, v, a: fact("text", k, v, at=a), KEYS, KEYS, AT),
    st.builds(
        lambda k, m, a: fact("mark", k, m, at=a),
        KEYS,
        st.sampled_from(["unread", "reading", "finished"]),
        AT,
    ),
    st.builds(
        lambda k, g, a: fact("finish", f"f{k}", k, "x", 0, g, at=a), KEYS, st.integers(0, 1), AT
    ),
    st.builds(lambda k, p, a: fact("story", k, p.encode(), "", p, "", "", at=a), KEYS, KEYS, AT),
)


SOME = st.lists(FACTS, max_size=12)


def numbered(facts: list[Fact]) -> list[Fact]:
    """Return facts as one memory holds them: one a key, each with its own number."""
    found = list({fact.key: fact for fact in facts}.values())
    return [f._replace(stamp=f.stamp._replace(serial=n)) for n, f in enumerate(found, 1)]


@given(SOME, SOME)
def test_merging_again_changes_nothing(some: list[Fact], more: list[Fact]) -> None:
    ours, theirs = numbered(some), numbered(more)
    once = merge_facts(ours, theirs)
    assert merge_facts(once, theirs) == once
    assert merge_facts(once, once) == once


@given(SOME, SOME)
def test_both_sides_come_to_remember_the_same(some: list[Fact], more: list[Fact]) -> None:
    def known(facts: list[Fact]) -> set[tuple[object, ...]]:
        return {(f.table, f.values, f.stamp.changed) for f in facts if f.table != "story"}

    ours, theirs = numbered(some), numbered(more)
    assert known(merge_facts(ours, theirs)) == known(merge_facts(theirs, ours))


@given(SOME)
def test_an_empty_memory_takes_another_as_it_is(some: list[Fact]) -> None:
    theirs = numbered(some)
    assert merge_facts([], theirs) == theirs
    assert merge_facts(theirs, []) == theirs
