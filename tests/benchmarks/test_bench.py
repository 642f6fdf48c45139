"""The benchmark on a few events: what it says, not how long anything takes."""

import contextlib
import io

import msgspec
import pytest

from benchmarks import bench
from benchmarks.baselines.plain_loop import count_sessions

MUST_SHOW = [
    "stages",
    "total_us",
    "plain_loop_us",
    "ratio_to_plain_loop",
    "plain_loop_patterns_us",
    "ratio_to_plain_loop_patterns",
    "patterns_100_kept",
    "people_500k_kept",
    "people_many",
    "naive_us",
    "speedup_over_naive",
    "messages_per_event",
    "rows_out_per_event",
    "bytes_per_person",
    "touchpoints_per_person",
]


@pytest.fixture(scope="module")
def shown() -> tuple[dict, int]:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = bench.main(["--events", "500", "--rounds", "1"])
    last = said.getvalue().splitlines()[-1]
    assert last.startswith("RESULT ")
    return msgspec.json.decode(last.removeprefix("RESULT ")), code


def test_last_line_holds_every_figure(shown: tuple[dict, int]):
    result, _ = shown
    assert set(MUST_SHOW) <= set(result)
    assert all(result[name] for name in MUST_SHOW)


def test_stages_add_up_to_the_whole(shown: tuple[dict, int]):
    result, _ = shown
    assert list(result["stages"]) == [
        "intake", "identity", "journeys", "friction", "rollups", "publishing", "changelog", "warehouse",
    ]  # fmt: skip
    assert sum(result["stages"].values()) == pytest.approx(result["total_us"], abs=0.1)


def test_exit_code_says_whether_every_bound_is_kept(shown: tuple[dict, int]):
    result, code = shown
    assert (code == 0) == (
        result["ratio_to_plain_loop"] <= 15
        and result["ratio_to_plain_loop_patterns"] <= 30
        and result["patterns_100_kept"] >= 0.6
        and result["people_500k_kept"] >= 0.6
        and result["speedup_over_naive"] >= 3
        and result["rows_out_per_event"] <= 3
    )


def test_tables_add_up_to_the_rows_out(shown: tuple[dict, int]):
    result, _ = shown
    assert sum(result["rows_by_table"].values()) == pytest.approx(result["rows_out_per_event"], abs=0.02)


def test_many_people_are_five_times_the_events_asked_for(shown: tuple[dict, int]):
    result, _ = shown
    assert result["people_many"] == 50 * 50


def test_plain_loop_cuts_sessions_after_half_an_hour_of_silence():
    def line(who: str, at: object) -> bytes:
        return msgspec.json.encode({"identifiers": [{"kind": "email", "value": who}], "occurred_at": at})

    lines = [
        line("a", 0),
        line("a", 1_800_000),
        line("b", "1970-01-01T00:00:01Z"),
        line("a", "1970-01-01T01:00:00.001Z"),
    ]
    assert count_sessions(lines) == (4, 3)
