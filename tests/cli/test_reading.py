"""The read side: timelines, journeys, people and friction as the warehouse has them."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from schemas.identifiers import Kind, person_of
from tests.cli.story import Said, named

Seamline = Callable[..., Said]


@pytest.fixture
def ask(seamline: Seamline, warehouse_folder: Path) -> Seamline:
    return lambda *arguments: seamline(*arguments, "--dsn", f"chdb://{warehouse_folder}")


def test_timeline_of_an_identifier_crosses_channels(ask: Seamline) -> None:
    said = ask("timeline", "email:Ann@X.org")
    assert said.code == 0, said.err
    for words in ("3 channels", "10:00:00", "◍ web", "☎ support/phone", "▤ kiosk", "PSP-17", "X01 (high, 90% sure)"):
        assert words in said.out


@pytest.mark.parametrize("whom", ["account_id:A-17", "old", "begun"])
def test_timeline_takes_identifiers_old_ids_and_beginnings(ask: Seamline, whom: str) -> None:
    person, old = person_of(named(Kind.ACCOUNT, "a-17")), person_of(named(Kind.EMAIL, "ann@x.org"))
    document = ask("timeline", {"old": old, "begun": person[:10]}.get(whom, whom), "--json").json()
    assert document["person"]["person_id"] == person  # type: ignore[index]
    assert len(document["touchpoints"]) == 3  # type: ignore[arg-type]


def test_timeline_of_nobody_fails_with_the_next_command(ask: Seamline) -> None:
    said = ask("timeline", "email:bob@x.org")
    assert said.code == 1
    assert "nobody is known as email:bob@x.org" in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("whom", ["bob", "email:not a mail", "nokind:1"])
def test_what_is_no_identifier_is_a_usage_error(ask: Seamline, whom: str) -> None:
    assert ask("timeline", whom).code == 2


def test_journey_shows_its_end_and_friction(ask: Seamline) -> None:
    said = ask("journey", "account_id:A-17")
    assert said.code == 0, said.err
    for words in (
        "checkout",
        "completed",
        "2 switches",
        "X01",
        "12.50 GBP",
        "Payment failed",
        "⇄ web to support, 20 min",
    ):
        assert words in said.out
    assert said.out.index("Contact started") < said.out.index("↳ X01 (high, 90% sure)") < said.out.index("✓ completed")


def test_journeys_are_listed_by_task_end_pattern_and_channels(ask: Seamline) -> None:
    assert "checkout" in ask("journeys", "ls").out
    for these in (("--task", "checkout"), ("--state", "completed"), ("--pattern", "X01"), ("--crossing",)):
        journeys = ask("journeys", "ls", *these, "--json").json()["journeys"]
        assert isinstance(journeys, list)
        (found,) = journeys
        assert (found["task"], found["top_pattern"], found["effort"]) == ("checkout", "X01", 44.5)
    for others in (("--task", "return"), ("--state", "open"), ("--pattern", "U13"), ("--task", "return", "--crossing")):
        assert ask("journeys", "ls", *others, "--json").json() == {"journeys": []}


def test_people_show_lists_every_identifier_and_link(ask: Seamline) -> None:
    said = ask("people", "show", "account_id:a-17")
    assert named(Kind.EMAIL, "ann@x.org").hex() in said.out
    assert "joined" in said.out


def test_people_why_names_the_chain(ask: Seamline) -> None:
    document = ask("people", "why", "account_id:a-17", "email:ann@x.org", "--json").json()
    assert document["same"] is True
    assert [link["reason"] for link in document["way"]] == ["seen together"]  # type: ignore[attr-defined]


def test_people_why_not_names_what_stands_between(ask: Seamline) -> None:
    said = ask("people", "why", "account_id:a-18", "email:ann@x.org")
    assert "are two people" in said.out
    assert "two accounts are two people" in said.out


def test_friction_is_listed_and_shown_with_evidence(ask: Seamline) -> None:
    assert "X01" in ask("friction", "ls", "--severity", "high").out
    assert ask("friction", "ls", "--severity", "low", "--json").json() == {"friction": []}
    said = ask("friction", "show", "ffff")
    for words in ("digital_failure_to_contact", "window = 24h", "Payment failed", "Contact started", "e1", "e2"):
        assert words in said.out
    assert ask("friction", "show", "0000").code == 1


def test_query_by_name_and_by_sql(ask: Seamline) -> None:
    assert ask("query", "journeys_by_outcome", "--json").json()["rows"][0]["task"] == "checkout"  # type: ignore[index]
    assert ask("query", "select count() as n from touchpoints_v", "--json").json() == {"rows": [{"n": 3}]}
    person = person_of(named(Kind.ACCOUNT, "a-17"))
    assert len(ask("query", "timeline", f"person={person}", "--json").json()["rows"]) == 3  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("no_such_question", 2),
        ("drop table touchpoints", 1),
        ("select * from nowhere", 1),
        ("select * from file('/etc/hostname', 'LineAsString')", 1),
    ],
)
def test_query_can_only_read(ask: Seamline, asked: str, code: int) -> None:
    said = ask("query", asked)
    assert said.code == code
    assert said.err.count("\n") == 1


def test_query_without_a_question_lists_them(seamline: Seamline) -> None:
    assert "journeys_by_outcome" in seamline("query", "--json").json()


def test_query_that_lacks_a_parameter_or_has_one_too_many_is_a_question_put_wrongly(ask: Seamline) -> None:
    lacking, many = ask("query", "timeline"), ask("query", "freshness", "person=1")
    assert [lacking.code, many.code] == [2, 2]
    assert "timeline needs person" in lacking.err
    assert "seamline query timeline person=..." in lacking.err
    assert "freshness has no parameter person" in many.err


def test_dead_letters_are_listed_and_only_opened_on_request(ask: Seamline) -> None:
    assert "no_event_id" in ask("dead-letters", "ls").out
    assert "ann@x.org" not in ask("dead-letters", "show", "events.jsonl", "7").out
    assert ask("dead-letters", "show", "events.jsonl", "7", "--raw", "--json").json()["raw"] == '{"a": "ann@x.org"}'


def test_dead_letter_of_another_key_stays_closed(ask: Seamline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAMLINE_DEAD_LETTERS__KEY", "another-secret-altogether")
    said = ask("dead-letters", "show", "events.jsonl", "7", "--raw")
    assert said.code == 1
    assert "can not be opened" in said.err


def test_split_is_kept_and_unsplit_holds_over_it(ask: Seamline, tmp_path: Path) -> None:
    assert ask("people", "split", "account_id:a-17", "email:ann@x.org", "--reason", "two sisters").code == 0
    assert ask("people", "unsplit", "email:ann@x.org", "account_id:a-17").code == 0
    lines = [msgspec.json.decode(line) for line in (tmp_path / "var/state/decisions.jsonl").read_bytes().splitlines()]
    assert [line["verdict"] for line in lines] == ["split", "allow"]
    assert lines[0]["pair"] == lines[1]["pair"]
    assert lines[0]["decided_at"] < lines[1]["decided_at"]
    assert lines[0]["reason"] == "two sisters"


def test_pair_of_one_is_refused(ask: Seamline) -> None:
    assert ask("people", "split", "email:ann@x.org", "email:ANN@x.org").code == 2


def test_missing_warehouse_is_a_dependency_that_can_not_be_reached(seamline: Seamline, tmp_path: Path) -> None:
    said = seamline("timeline", "email:ann@x.org", "--dsn", f"chdb://{tmp_path}/nowhere")
    assert said.code == 3
    assert not (tmp_path / "nowhere").exists()


def test_server_that_does_not_answer_is_a_dependency(seamline: Seamline) -> None:
    assert seamline("friction", "ls", "--dsn", "http://127.0.0.1:9/x").code == 3


@pytest.mark.parametrize(
    "asked",
    [
        ("friction", "ls", "--severity", "zork"),
        ("friction", "ls", "--pattern", "X99"),
        ("friction", "tail", "--looks", "1", "--pattern", "x01"),
        ("journeys", "ls", "--state", "done"),
        ("journeys", "ls", "--pattern", "zork"),
    ],
)
def test_a_filter_that_names_nothing_is_a_mistake_and_no_empty_list(ask: Seamline, asked: tuple[str, ...]) -> None:
    said = ask(*asked)
    assert said.code == 2
    assert "is none of" in said.err
