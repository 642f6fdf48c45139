"""Patterns of the plain loop that are about what one customer does, who is the first identifier of the event."""

from typing import Any, TypeAlias

from benchmarks.baselines.facts import (
    DAY,
    FAULTS,
    HOUR,
    MINUTE,
    THREADS,
    Event,
    Hits,
    Key,
    See,
    is_self_service,
    milliseconds,
    thread_of,
)

SLOW_TASKS = frozenset(("checkout", "kiosk_order", "pickup", "delivery", "track_order", "return", "refill"))
TIMEOUTS = {
    "search": 30 * MINUTE, "login": 15 * MINUTE, "kiosk_order": 10 * MINUTE, "pickup": 2 * HOUR, "delivery": 2 * DAY,
    "track_order": 14 * DAY, "return": 14 * DAY, "refill": 3 * DAY, "telehealth_visit": 4 * HOUR, "onboarding": 7 * DAY,
    "complaint": 7 * DAY, "get_help": 7 * DAY, "subscribe": DAY, "give_feedback": 7 * DAY,
}  # fmt: skip
Failure: TypeAlias = tuple[int, Event]
"""When, and what failed."""


def failures(hits: Hits) -> tuple[See, See, See]:
    """X01 and X18: what fails, or is left lying, and then somebody is asked."""
    failed: dict[str, list[Failure]] = {}
    lying: dict[str, dict[Key, Failure]] = {}

    def fail(event: Event, who: str, at: int) -> None:
        if is_self_service(event):
            failed.setdefault(who, []).append((at, event))

    def leave(event: Event, who: str, at: int) -> None:
        task = (event.get("brand"), event["task"])
        if event.get("outcome") != "completed":
            lying.setdefault(who, {})[task] = (at, event)
        elif who in lying:
            lying[who].pop(task, None)

    def ask(event: Event, who: str, at: int) -> None:
        recent = failed.get(who, []) + given_up(lying.get(who, {}), at)
        failed[who] = recent = [(since, one) for since, one in recent if at - since <= DAY]
        for since, one in recent:
            task = one.get("task")
            if event["channel"] != "store" and since < at <= since + (DAY if task in SLOW_TASKS else 2 * HOUR):
                hits["X01"].add(thread_of(one, THREADS) or (who, one.get("brand"), task))
            if task == "refill" and one["channel"] in {"web", "app"} and since < at <= since + 4 * HOUR:
                hits["X18"].add(thread_of(one, ("rx_id",)) or (who, one.get("brand")))

    return fail, leave, ask


def given_up(lying: dict[Key, Failure], at: int) -> list[Failure]:
    """Take out the tasks that nobody came back to in time; they failed when that time was over."""
    over = [(key, last + TIMEOUTS.get(left["task"], DAY)) for key, (last, left) in lying.items()]
    failed = [(until, lying.pop(key)[1]) for key, until in over if until < at]
    return [(until, left) for until, left in failed if is_self_service(left)]


def hops(hits: Hits) -> See:
    """X03 and X06: from channel to channel for one task, and back, and entering things again."""
    lines: dict[Key, dict[str, Any]] = {}

    def hop(event: Event, who: str, at: int) -> None:
        key, channel, line = (who, event.get("brand"), event["task"]), event["channel"], None
        if key in lines:
            line = lines[key]
            if line["third"] is not None and at - line["third"] > DAY:
                hits["X03"].add(key)
            if at - line["newest"] > DAY:
                line = None
        if event.get("outcome") == "completed":
            lines.pop(key, None)
            return
        if line is None:
            line = lines[key] = {
                "channel": channel, "last": {}, "channels": set(), "third": None, "changes": 0, "fault": False,
                "bounced": False, "again": False, "asked": {}, "steps": {},
            }  # fmt: skip
        carried = event.get("context_carried")
        if channel != line["channel"]:
            line["changes"] += not carried
            line["bounced"] = line["bounced"] or (channel in line["last"] and at - line["last"][channel] <= DAY)
        if not carried:
            line["channels"].add(channel)
            if line["third"] is None and len(line["channels"]) == 3:
                line["third"] = at
        line["channel"], line["newest"], line["last"][channel] = channel, at, at
        line["fault"] = (
            line["fault"] or event.get("outcome") == "failed" or event.get("error", {}).get("class") in FAULTS
        )
        line["again"] = line["again"] or enters_again(event, line)
        if line["changes"] >= 2 and line["fault"]:
            hits["X03"].add(key)
        if line["bounced"] and line["again"]:
            hits["X06"].add(key)

    return hop


def enters_again(event: Event, line: dict[str, Any]) -> bool:
    """Tell whether it asks again for what another channel had asked for, or is a step back from one taken there."""
    channel, name, index = event["channel"], event["name"], event.get("step", {}).get("index")
    group = event.get("form", {}).get("field_group") if name == "info.provided" else None
    if (group or name == "task.started") and line["asked"].setdefault(group, channel) != channel:
        return True
    if index is None:
        return False
    steps = line["steps"]
    steps[channel] = max(index, steps.get(channel, index))
    return any(other != channel and index < reached for other, reached in steps.items())


def rewards(hits: Hits) -> tuple[See, See]:
    """X13: what was offered is refused."""
    offered: dict[Key, tuple[int, int]] = {}

    def offer(event: Event, who: str, at: int) -> None:
        if "offer" in event and event["channel"] in {"app", "email"}:
            until = at + 14 * DAY
            if "expires_at" in event["offer"]:
                until = min(until, milliseconds(event["offer"]["expires_at"]))
            offered[who, event.get("brand"), event["offer"]["offer_id"]] = (at, until)

    def refuse(event: Event, who: str, at: int) -> None:
        if "offer" in event and event.get("direction") == "inbound" and event["channel"] in {"kiosk", "pos", "web"}:
            key = (who, event.get("brand"), event["offer"]["offer_id"])
            since, until = offered.get(key, (at, at))
            if since < at <= until:
                hits["X13"].add(key)

    return offer, refuse


def links(hits: Hits) -> tuple[See, See, See]:
    """X15: a click in a message leads to a broken page."""
    arrived: dict[str, int] = {}
    clicked: dict[str, tuple[int, str]] = {}

    def delivered(event: Event, _: str, at: int) -> None:
        if "correlation" in event and "message_id" in event["correlation"]:
            arrived[event["correlation"]["message_id"]] = at

    def click(event: Event, who: str, at: int) -> None:
        message = event.get("correlation", {}).get("message_id")
        if message and at - arrived.get(message, -DAY) > 2_000:
            clicked[who] = (at, message)

    def break_page(event: Event, who: str, at: int) -> None:
        if who in clicked and event["channel"] in {"web", "app"} and event.get("direction") == "inbound":
            error, (since, message) = event.get("error", {}), clicked[who]
            status = error.get("http_status", 0)
            is_broken = status in {404, 410} or status >= 500 or error.get("code") == "token_expired"
            if is_broken and since < at <= since + MINUTE:
                hits["X15"].add((message,))

    return delivered, click, break_page


def walkaways(hits: Hits) -> tuple[See, See, See]:
    """U14: somebody chooses at the kiosk and walks away."""
    chosen: dict[Key, tuple[int, int]] = {}

    def choose(event: Event, who: str, at: int) -> None:
        if event["channel"] == "kiosk" and event.get("direction") == "inbound":
            first, newest = chosen.get((who, event["source"]), (at, at))
            chosen[who, event["source"]] = (first if at - newest <= 30 * MINUTE else at, at)

    def end_kiosk(event: Event, who: str, at: int) -> None:
        key = (who, event["source"])
        if key in chosen and event["channel"] == "kiosk" and event.get("direction") == "inbound":
            first, newest = chosen.pop(key)
            if newest < at <= newest + 30 * MINUTE:
                hits["U14"].add((*key, first))

    def order(event: Event, who: str, _: int) -> None:
        chosen.pop((who, event["source"]), None)

    return choose, end_kiosk, order
