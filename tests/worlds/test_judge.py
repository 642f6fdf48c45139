"""A judge that never finds anything wrong would be of no use: each kind of wrong answer is noticed."""

import msgspec
import pytest

from tests.worlds.story import Hit, Journey, Session, World, web
from tests.worlds.tellers import by_oracle

STORY = World(
    name="a story",
    events=[
        web("a1", "10:00", "acc:ann mail:x@x.example", task="checkout", name="order.placed"),
        web("l1", "d-5 10:00", "acc:ann", received="10:00"),
        web("n1", "10:00"),
        b"{",
    ],
    people={"ann": "a1"},
    nobody="n1",
    late="l1",
    dead=1,
    times={"a1": "10:00"},
    verdicts={"acc:ann mail:x@x.example": "joined"},
    aliases={"mail:x@x.example": [("always", "ann")]},
    sessions=[Session("ann", "10:00", "10:00", 1)],
    journeys=[Journey("ann", "checkout", "10:00", "10:00", "completed", 1)],
    hits=[],
)
WRONG: dict[str, object] = {
    "people": {"ann": "a1 n1"},
    "nobody": "",
    "late": "",
    "dead": 0,
    "times": {"a1": "10:01"},
    "verdicts": {"acc:ann mail:x@x.example": "split"},
    "aliases": {"mail:x@x.example": [("10:00", "ann")]},
    "sessions": [],
    "journeys": [Journey("ann", "checkout", "10:00", "10:00", "open", 1)],
    "hits": [Hit("ann", "X01", "high")],
}


def test_right_answers_are_right() -> None:
    assert by_oracle(STORY) == []


@pytest.mark.parametrize("answer", WRONG)
def test_a_wrong_answer_is_noticed(answer: str) -> None:
    assert by_oracle(msgspec.structs.replace(STORY, **{answer: WRONG[answer]})) != []


def test_a_touchpoint_shown_twice_is_noticed() -> None:
    told = web("a1", "10:00", "acc:ann")
    twice = World(name="twice", events=[told, told | {"event_id": "a1 again"}], people={"ann": "a1"})
    assert by_oracle(twice) == ["2 touchpoints shown for 1 labels"]
