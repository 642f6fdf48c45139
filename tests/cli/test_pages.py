"""Pages of the terminal: what a reader sees of timelines, journeys, friction and plain rows."""

import io

import msgspec
import pytest
from rich.console import Console, RenderableType

from sinks.console.friction import FrictionEntry, hit_page, hits_page
from sinks.console.journeys import JourneyEntry, end_text, journey_page, journeys_list
from sinks.console.tables import rows_page
from sinks.console.timeline import Portrait, TimelineEntry, home_offset, timeline_page
from sinks.console.words import duration, identifier_text, money, sentence

NINE = 1_793_610_000_000
"""2026-11-02 09:00 UTC."""
HOUR = 3_600_000
ACCOUNT = "01" + "ab" * 16


def shown(page: RenderableType, width: int = 160) -> str:
    paper = io.StringIO()
    Console(file=paper, width=width, color_system=None).print(page)
    return paper.getvalue()


def web(name: str, at: int = NINE, **told: object) -> TimelineEntry:
    entry = TimelineEntry(key=f"k{at}", event_id=f"e{at}", source="/web", event_time=at, channel="web", name=name)
    return msgspec.structs.replace(entry, **told)


def hit(**told: object) -> FrictionEntry:
    values = {
        "person_id": "p" * 32,
        "hit_id": "h" * 32,
        "pattern": "X01",
        "severity": "high",
        "confidence": 0.9,
        "score": 36.0,
    }
    return FrictionEntry(**{"detected_at": NINE, **values, **told})  # type: ignore[arg-type]


def test_timeline_shows_days_in_the_customers_own_time() -> None:
    text = shown(
        timeline_page(Portrait("p1"), [web("page.viewed", tz_offset_min=-600), web("item.viewed", NINE + HOUR)])
    )
    assert "Sunday 1 November 2026" in text
    assert "23:00:00" in text
    assert "Monday 2 November 2026" in text
    assert "00:00:00" in text


def test_timeline_says_outcome_error_place_and_identifier() -> None:
    failed = web("payment.failed", outcome="failed", outcome_reason="card_declined", location_id="store-1")
    told = {"error_code": "PSP-1", "error_class": "third_party", "value_amount_minor": 1250, "value_currency": "GBP"}
    failed = msgspec.structs.replace(failed, strong=(ACCOUNT,), **told)
    text = shown(timeline_page(Portrait("p1"), [failed]))
    for words in ("Payment failed", "card_declined", "PSP-1 (third_party)", "12.50 GBP", "store-1", "account ababab"):
        assert words in text


def test_timeline_marks_long_pauses_and_friction() -> None:
    entries = [web("page.viewed"), web("contact.started", NINE + 3 * HOUR)]
    text = shown(timeline_page(Portrait("p1"), entries, {f"k{NINE + 3 * HOUR}": "X01 high"}))
    assert "3 h later" in text
    assert "X01 high" in text


def test_markup_in_the_data_is_shown_as_written() -> None:
    text = shown(timeline_page(Portrait("p1"), [web("page.viewed", task="[red]boo[/red]", location_id="[b]")]))
    assert "[red]boo[/red]" in text
    assert "[b]" in text


def test_most_told_offset_is_home() -> None:
    assert home_offset([web("a.b", tz_offset_min=60), web("a.b", tz_offset_min=60), web("a.b", tz_offset_min=0)]) == 60
    assert home_offset([web("a.b")]) == 0


def test_journey_is_told_in_the_time_of_its_customer_also_where_a_touchpoint_tells_none() -> None:
    journey = JourneyEntry(*("p1", "j1", "checkout", NINE, NINE + HOUR, "abandoned"))
    assert "04:00:00" in shown(journey_page([journey], {"j1": [web("a.b", NINE)]}, {}, -300))
    assert "10:00:00" in shown(journey_page([journey], {"j1": [web("a.b", NINE, tz_offset_min=60)]}, {}, -300))


def test_empty_timeline_is_a_page_too() -> None:
    assert "0 touchpoints" in shown(timeline_page(Portrait("p1"), []))


def test_journey_shows_state_way_and_friction() -> None:
    journey = JourneyEntry(
        "p1",
        "j1",
        "checkout",
        NINE,
        NINE + HOUR,
        "abandoned",
        channels=("support", "web"),
        switches=1,
        errors=2,
        contacts=1,
    )
    text = shown(journey_page([journey], {"j1": [web("checkout.failed")]}, {"j1": [hit(path="web:checkout.failed")]}))
    for told in (
        "checkout",
        "abandoned",
        "∅ abandoned",
        "1 h",
        "☎ support · ◍ web",
        "1 switch",
        "2 errors",
        "Checkout failed",
        "X01",
        "90% sure",
    ):
        assert told in text


def test_journey_marks_friction_switches_and_waits_where_they_happened() -> None:
    way = [
        web("checkout.failed", key="k1", event_time=NINE),
        web("message.sent", key="k2", event_time=NINE + 1, channel="email", direction="outbound"),
        web(
            "contact.started",
            key="k3",
            event_time=NINE + HOUR,
            channel="support",
            wait_ms=300_000,
            context_carried=True,
        ),
        web("contact.held", key="k4", event_time=NINE + HOUR, channel="support", duration_ms=60_000),
    ]
    journey = JourneyEntry(
        *("p1", "j1", "checkout", NINE, NINE + HOUR, "escalated_open"),
        wait_ms=360_000, steps_done=2, steps_total=4, value_at_risk_minor=900, currency="EUR", effort=41.6, hits=1,
        friction_score=36.0,
    )  # fmt: skip
    lines = shown(journey_page([journey], {"j1": way}, {"j1": [hit(evidence=("k1", "k3"))]})).splitlines()
    told = [line for line in lines if any(sign in line for sign in "⇄↳⧗⚑!")]
    assert ["⚑" in told[0], "Checkout failed" in told[0]] == [True, True]
    assert "⇄ web to support, 1 h later, nothing had to be said again" in told[1]
    assert ["⚑" in told[2], "⧗ waited 5 min" in told[2]] == [True, True]
    assert "↳ X01 (high, 90% sure)" in told[3]
    assert "⧗ waited 1 min" in told[4]
    assert "! left with a case that nobody resolved, 9.00 EUR at risk · 2 of 4 steps" in told[5]
    assert "waited 6 min · effort 42 · friction 36" in lines[0]


def test_each_end_of_a_journey_is_said_in_words() -> None:
    ends = ("completed", "failed_final", "open", "superseded", "escalated_open", "abandoned")
    told = [end_text(JourneyEntry("p", "j", "search", NINE, NINE, end)).plain for end in ends]
    assert len(set(told)) == len(ends)
    assert not set(told) & set(ends)
    done = JourneyEntry("p", "j", "search", NINE, NINE + HOUR, "completed", completed_at=NINE + HOUR)
    assert end_text(done).plain == "✓ completed after 1 h"


def test_journeys_are_listed_one_a_line() -> None:
    journey = JourneyEntry(
        *("p" * 32, "j" * 32, "checkout", NINE, NINE + HOUR, "abandoned"),
        channels=("kiosk", "web"), touches=7, effort=41.6, friction_score=36.0, hits=1, top_pattern="X01",
    )  # fmt: skip
    head, line = shown(journeys_list([journey])).splitlines()
    assert head.split()[0] == "journey"
    told = "jjjjjjjj 2026-11-02 09:00 checkout abandoned 1 h ▤ kiosk ◍ web 7 42 36 X01 pppppppp"
    assert " ".join(line.split()) == told
    assert "no journeys" in shown(journeys_list([]))


def test_hit_shows_evidence_in_order_and_what_is_missing() -> None:
    page = hit_page(
        hit(evidence=("k1", "k2", "k3"), parameters={"within": "2 h"}), [web("checkout.failed")], "One sentence."
    )
    text = shown(page)
    assert "One sentence." in text
    assert "within = 2 h" in text
    assert "and 2 more" in text


def test_no_hits_and_no_rows_are_said() -> None:
    assert "no friction" in shown(hits_page([]))
    assert "no rows" in shown(rows_page([]))


def test_rows_of_any_kind_are_spelled() -> None:
    text = shown(rows_page([{"a": 1, "b": ["x", "y"], "c": {"k": None}, "d": b"12", "e": 0.25}]))
    assert all(told in text for told in ("x, y", "k=", "2 bytes", "0.25"))


@pytest.mark.parametrize(
    ("amount", "currency", "text"), [(1250, "GBP", "12.50 GBP"), (1250, "JPY", "1,250 JPY"), (-5, "KWD", "-0.005 KWD")]
)
def test_money_keeps_to_the_digits_of_its_currency(amount: int, currency: str, text: str) -> None:
    assert money(amount, currency) == text


def test_words() -> None:
    assert sentence("checkout.step_completed") == "Checkout step completed"
    assert duration(26 * HOUR + 5_000) == "1 d 2 h"
    assert duration(0) == "0 s"
    assert identifier_text("03" + "cd" * 16) == "email cdcdcd"
    assert identifier_text("not hex") == "not hex"
