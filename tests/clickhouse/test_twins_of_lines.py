"""Twins of lines of a task over channels: X03 and X06."""

from typing import Any

import pytest

from schemas.touchpoint import Channel, Form, Outcome, Step, Touchpoint
from sinks.clickhouse.client import Client
from tests.clickhouse.telling import DAY, HOUR, MS, Cases, Hit, hits, hits_of_each, step

WEB, APP, KIOSK, STORE = Channel.WEB, Channel.APP, Channel.KIOSK, Channel.STORE


def on(letter: str, minutes: float, channel: Channel, name: str = "cart.viewed", **told: object) -> Touchpoint:
    return step(letter, minutes, name, **{"task": "checkout", "channel": channel, **told})


FAILS = {"outcome": Outcome.FAILED}
COMPLETES = {"outcome": Outcome.COMPLETED}
HOP = [on("a", 0, WEB, **FAILS), on("b", 1, APP), on("c", 2, WEB)]


X03_CASES: Cases = [
    (HOP, [("a", "high", 2.0, "abc")]),
    ([*HOP, on("d", DAY + 2, APP, **COMPLETES), on("e", DAY + 3, WEB)], [("a", "high", 2.0, "abcd")]),
    ([on("a", 0, WEB), on("b", 1, APP), on("c", 2, WEB)], []),
    ([on("a", 0, WEB), on("b", 1, APP), on("c", 2, WEB), on("d", 3, WEB, **FAILS)], [("a", "high", 3.0, "abcd")]),
    ([on("a", 0, WEB, **FAILS), on("b", 1, APP), on("c", DAY + 1 + MS, WEB)], []),
    ([on("a", 0, WEB, **FAILS), on("b", 1, APP, context_carried=True), on("c", 2, WEB)], []),
    ([on("a", 0, WEB, **FAILS), on("b", 1, APP), on("c", 2, WEB, **COMPLETES)], []),
    ([on("a", 0, WEB, **FAILS), on("b", 1, APP, **COMPLETES), on("c", 2, WEB), on("d", 3, APP)], []),
    ([on("a", 0, WEB, **FAILS), on("b", 1, APP, task="search"), on("c", 2, APP), on("d", 3, APP, brand="x")], []),
]


def test_two_changes_of_channel_and_a_failure_are_hopping(client: Client) -> None:
    stories, expected = zip(*X03_CASES, strict=True)
    assert hits_of_each(client, "X03", stories) == list(expected)


THREE = [on("a", 0, WEB), on("b", 1, APP), on("c", 2, KIOSK)]
SHOWN = DAY + 17
LATER = [on("d", 20 * HOUR, APP), on("e", DAY + 2, APP, **COMPLETES)]


@pytest.mark.parametrize(
    ("story", "as_of", "expected"),
    [
        (THREE, SHOWN, [("a", "high", SHOWN, "abc")]),
        (THREE, SHOWN - MS, []),
        ([*THREE, *LATER], 9 * DAY, []),
        ([*THREE, LATER[0], on("e", DAY + 2 + MS, APP, **COMPLETES)], 9 * DAY, [("a", "high", SHOWN, "abcde")]),
        ([*THREE, on("d", 20 * HOUR, APP, **FAILS)], 9 * DAY, [("a", "high", 20 * HOUR, "abcd")]),
        ([*THREE, LATER[0], on("e", DAY + 16, WEB, **FAILS)], 9 * DAY, [("a", "high", DAY + 16, "abcde")]),
        ([*THREE, LATER[0], on("e", DAY + 18, WEB, **FAILS)], 9 * DAY, [("a", "high", SHOWN, "abcde")]),
        ([*THREE[:2], on("c", 2, KIOSK, context_carried=True)], 9 * DAY, []),
        ([*THREE[:2], on("c", 2, KIOSK, **COMPLETES)], 9 * DAY, []),
    ],
)
def test_three_channels_without_an_end_within_a_day_are_hopping_too(
    client: Client, story: list[Touchpoint], as_of: float, expected: list[Hit]
) -> None:
    assert hits(client, "X03", *story, as_of=as_of) == expected


STARTED = "task.started"
ADDRESS: dict[str, Any] = {"name": "info.provided", "form": Form("address")}


X06_CASES: Cases = [
    (
        [on("a", 0, WEB, STARTED), on("b", 1, APP, STARTED), on("c", DAY, WEB)],
        [("a", "high", DAY, "abc")],
    ),
    ([on("a", 0, WEB, STARTED), on("b", 1, APP, STARTED), on("c", DAY + MS, WEB)], []),
    ([on("a", 0, WEB, STARTED), on("b", 1, APP), on("c", 2, WEB)], []),
    ([on("a", 0, WEB), on("b", 1, APP), on("c", 2, WEB), on("d", 3, KIOSK)], []),
    (
        [on("a", 0, WEB, **ADDRESS), on("b", 1, STORE), on("c", 2, WEB), on("d", 3, STORE, **ADDRESS)],
        [("a", "high", 3.0, "abcd")],
    ),
    ([on("a", 0, WEB, **ADDRESS), on("b", 1, STORE), on("c", 2, WEB, **ADDRESS)], []),
    (
        [on("a", 0, WEB, step=Step("pay", 3)), on("b", 1, APP, step=Step("cart", 2)), on("c", 2, WEB)],
        [("a", "high", 2.0, "abc")],
    ),
    ([on("a", 0, WEB, step=Step("pay", 3)), on("b", 1, APP, step=Step("pay", 3)), on("c", 2, WEB)], []),
    ([on("a", 0, WEB, step=Step("pay", 3)), on("b", 1, APP), on("c", 2, WEB, step=Step("cart", 1))], []),
    ([on("a", 0, WEB, STARTED), on("b", 1, APP, STARTED, **COMPLETES), on("c", 2, WEB)], []),
    (
        [on("a", 0, WEB), on("b", HOUR, APP, STARTED), on("c", 2 * HOUR, KIOSK, STARTED), on("d", 20 * HOUR, APP)],
        [("a", "high", 20 * HOUR, "abcd")],
    ),
]


def test_coming_back_to_a_channel_and_entering_again_is_friction(client: Client) -> None:
    stories, expected = zip(*X06_CASES, strict=True)
    assert hits_of_each(client, "X06", stories) == list(expected)


def test_a_bounce_is_counted_from_the_last_item_before_leaving(client: Client) -> None:
    story = [
        on("a", 0, WEB),
        on("b", 20 * HOUR, WEB, STARTED),
        on("c", 21 * HOUR, APP, STARTED),
        on("d", 40 * HOUR, WEB),
    ]
    assert hits(client, "X06", *story) == [("a", "high", 40 * HOUR, "abcd")]


def test_of_more_than_twenty_pieces_of_evidence_the_first_ten_and_the_last_ten_are_told(client: Client) -> None:
    letters = "abcdefghijklmnopqrstuvw"
    story = [on(letter, at, WEB if at % 2 else APP, STARTED) for at, letter in enumerate(letters)]
    assert hits(client, "X06", *story) == [("a", "high", 2.0, letters[:10] + letters[-10:])]
