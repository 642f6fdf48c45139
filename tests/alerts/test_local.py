"""Alerts beside a run without a broker: delivered, kept while nobody answers, told once."""

import json
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from streams.cli import main
from streams.commands.demo.receiver import receiving
from tests.cli.story import Said

Rows = list[dict[str, object]]

BEGAN = 1_772_706_600_000


@pytest.fixture
def seamline(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> Said:
        capfd.readouterr()
        code = main(arguments)
        captured = capfd.readouterr()
        return Said(code, captured.out, captured.err)

    return run


def event(number: int, minutes: int, channel: str, name: str, **more) -> str:
    at = BEGAN + minutes * 60_000
    told = {
        "event_id": f"e{number}", "source": f"/{channel}/x", "channel": channel, "name": name, "occurred_at": at,
        "received_at": at, "direction": "inbound", "task": "checkout",
        "identifiers": [{"kind": "account_id", "value": "acct-1", "assurance": "authenticated"}], **more,
    }  # fmt: skip
    return json.dumps(told)


FAILED = event(1, 0, "web", "checkout.failed", outcome="failed", correlation={"cart_id": "C1"})
CALLED = event(2, 30, "support", "contact.started", sub_channel="phone", correlation={"cart_id": "C1"})
ORDERED = event(3, 45, "web", "order.placed", outcome="completed", correlation={"cart_id": "C1"})


def written(folder: Path, name: str, *lines: str) -> str:
    (folder / name).write_text("\n".join(lines) + "\n")
    return name


def settle(folder: Path, text: str) -> None:
    base = '[clickhouse]\ndsn = "chdb://warehouse"\n[local]\nstate_folder = "state"\n'
    (folder / "seamline.toml").write_text(base + text)


def listed(said: Said, name: str) -> Rows:
    return msgspec.convert(said.json()[name], Rows)


def lines(path: Path) -> list[dict]:
    return [json.loads(line)["message"] for line in path.read_text().splitlines()]


def test_an_alert_opens_is_told_once_and_is_resolved_by_the_order(seamline: Callable[..., Said], tmp_path: Path):
    settle(tmp_path, '[alerts]\nfile = "told.jsonl"\n')
    assert seamline("replay", written(tmp_path, "one.jsonl", FAILED, CALLED)).code == 0
    (opened,) = lines(tmp_path / "told.jsonl")
    assert (opened["type"], opened["data"]["why"]["pattern"]) == ("friction.opened", "X01")
    assert opened["data"]["where"]["channel_from"] == "web"
    assert "acct-1" not in json.dumps(opened)
    assert seamline("replay", written(tmp_path, "again.jsonl", FAILED, CALLED)).code == 0
    assert len(lines(tmp_path / "told.jsonl")) == 1
    assert listed(seamline("alerts", "ls", "--json"), "alerts")[0]["pattern"] == "X01"
    assert seamline("replay", written(tmp_path, "two.jsonl", ORDERED)).code == 0
    resolved = lines(tmp_path / "told.jsonl")[-1]
    assert (resolved["type"], resolved["data"]["reason"]) == ("friction.resolved", "completed")
    assert resolved["data"]["alert_id"] == opened["data"]["alert_id"]
    for command in opened["data"]["commands"]:
        assert seamline(*command.split()[1:]).code == 0
    assert seamline("alerts", "ls", "--json").json()["alerts"] == []


def test_while_nobody_answers_alerts_are_kept_and_delivered_by_the_next_run(
    seamline: Callable[..., Said], tmp_path: Path
):
    with receiving() as receiver:
        hook = f'[alerts.webhook]\nsecret = "{receiver.spelled_secret}"\nallow_private = true\nurl = '
        settle(tmp_path, hook + '"http://127.0.0.1:9/alerts"\n')
        said = seamline("replay", written(tmp_path, "one.jsonl", FAILED, CALLED))
        assert said.code == 0
        assert "1 alerts wait" in said.err
        said = seamline("alerts", "ls", "--json")
        assert [each["state"] for each in listed(said, "messages")] == ["waiting"]
        assert seamline("alerts", "deliver").code == 1
        settle(tmp_path, hook + f'"{receiver.address}"\n')
        assert seamline("alerts", "deliver", "--json").json()["delivered"] == 1
        assert receiver.delivered == 1
        assert seamline("alerts", "test").code == 0
        assert receiver.delivered == 2


def test_after_too_long_a_message_is_undeliverable_and_shown(seamline: Callable[..., Said], tmp_path: Path):
    settle(
        tmp_path,
        '[alerts]\nretry_hours = 0.00001\n[alerts.webhook]\nallow_private = true\nurl = "http://127.0.0.1:9/"\n'
        f'secret = "whsec_{"QUFB" * 10}"\n',
    )
    seamline("replay", written(tmp_path, "one.jsonl", FAILED, CALLED))
    time.sleep(0.1)
    seamline("alerts", "deliver")
    (message,) = listed(seamline("alerts", "ls", "--json"), "messages")
    assert message["state"] == "undeliverable"
    assert "127.0.0.1" in str(message["error"])


def test_a_run_that_died_before_its_state_was_written_tells_nothing_twice(
    seamline: Callable[..., Said], tmp_path: Path
):
    settle(tmp_path, '[alerts]\nfile = "told.jsonl"\n')
    seamline("replay", written(tmp_path, "one.jsonl", FAILED))
    (tmp_path / "before").mkdir()
    (tmp_path / "state" / "store").rename(tmp_path / "before" / "store")
    shutil.copytree(tmp_path / "before" / "store", tmp_path / "state" / "store")
    seamline("replay", written(tmp_path, "two.jsonl", CALLED))
    assert len(lines(tmp_path / "told.jsonl")) == 1
    shutil.rmtree(tmp_path / "state" / "store")
    (tmp_path / "before" / "store").rename(tmp_path / "state" / "store")
    assert seamline("replay", "two.jsonl").code == 0
    assert len(lines(tmp_path / "told.jsonl")) == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('url = "http://127.0.0.1/"', "alerts.webhook.url: must begin with https://"),
        ('url = "https://10.0.0.1/"', "alerts.webhook.url: 10.0.0.1 is no public address"),
        ('url = "https://hooks.example.org/"', "alerts.webhook.secret: must be 24 to 64 bytes in base64"),
        (
            'url = "https://hooks.example.org/"\nsecret = "hunter22!"',
            "alerts.webhook.secret: must be whsec_ and base64",
        ),
        (
            'url = "https://hooks.example.org/"\nsecret_file = "absent"',
            "alerts.webhook.secret_file: absent: No such file",
        ),
    ],
)
def test_settings_that_can_not_be_used_are_named(
    seamline: Callable[..., Said], tmp_path: Path, text: str, problem: str
):
    settle(tmp_path, f"[alerts.webhook]\n{text}\n")
    said = seamline("alerts", "test")
    assert said.code == 2
    assert problem in said.err
    assert "hunter22" not in said.err


def test_without_a_destination_there_is_nothing_to_test_or_list(seamline: Callable[..., Said], tmp_path: Path):
    settle(tmp_path, "")
    assert seamline("alerts", "test").code == 2
    assert seamline("alerts", "ls").code == 1


def test_an_outbox_that_is_none_ends_the_run_with_what_to_do(seamline: Callable[..., Said], tmp_path: Path):
    settle(tmp_path, '[alerts]\nfile = "told.jsonl"\n')
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "alerts.sqlite").write_text("this is no database, and long enough to be seen as none" * 99)
    said = seamline("replay", written(tmp_path, "one.jsonl", FAILED))
    assert said.code == 1
    assert "outbox of alerts" in said.err
    with pytest.raises(sqlite3.Error):
        sqlite3.connect(tmp_path / "state" / "alerts.sqlite").execute("SELECT 1 FROM incidents")
