"""Patterns of the plain loop that are about an order, a case or another thread."""

from collections.abc import Callable
from typing import TypeAlias

from benchmarks.baselines.facts import DAY, HOUR, MINUTE, THREADS, Event, Hits, Key, See, milliseconds, thread_of

PROMISED_ON = ("case_id", "ticket_id", "call_id", "order_id", "rx_id", "appointment_id")
KEPT_BY = {
    "callback": ("callback.completed",),
    "eta": ("order.delivered", "order.picked_up"),
    "refill_ready": ("refill.ready", "refill.picked_up"),
    "refund": ("order.refunded",),
}
Follow: TypeAlias = Callable[[Event, Key, int, tuple[str, ...]], None]
"""Sees an event, the line it could be in, when, and the kinds of threads that count."""


def contacts(hits: Hits, ask: See, follow: Follow) -> tuple[See, See]:
    """X04: asking again about the same thing. Every contact asks about failures, a fresh one about resolutions too."""
    dropped: dict[str, int] = {}
    asked: dict[Key, int] = {}

    def drop(event: Event, who: str, at: int) -> None:
        if event["contact"].get("dropped"):
            dropped[who] = at

    def contact(event: Event, who: str, at: int) -> None:
        if event.get("direction") != "inbound" or (
            event["name"] == "message.replied" and event["channel"] != "support"
        ):
            return
        ask(event, who, at)
        if event.get("contact", {}).get("requested_by_agent") or at - dropped.get(who, -DAY) <= 5 * MINUTE:
            return
        about = "intent" if event.get("intent") else "task"
        key = thread_of(event, ("case_id", "order_id", "rx_id")) or (who, event.get("brand"), about, event.get(about))
        if key[-1] and key in asked and at - asked[key] <= 7 * DAY:
            hits["X04"].add(key)
        asked[key] = at
        follow(event, (who, event.get("brand"), event.get("intent")), at, THREADS)

    return drop, contact


def resolutions(hits: Hits) -> tuple[See, See, Follow]:
    """X29: what was called resolved was not."""
    resolved: dict[Key, tuple[int, Key]] = {}

    def resolve(event: Event, who: str, at: int) -> None:
        line = (who, event.get("brand"), event.get("intent"))
        key = thread_of(event, ("case_id", "ticket_id")) or line
        for thread in event.get("correlation", {}).items():
            resolved[thread] = (at, key)
        if event.get("intent"):
            resolved[line] = (at, key)

    def reopen(event: Event, _: str, at: int) -> None:
        follow(event, (), at, ("case_id", "ticket_id"))

    def follow(event: Event, line: Key, at: int, kinds: tuple[str, ...]) -> None:
        for thread in (*event.get("correlation", {}).items(), line):
            if thread in resolved and (thread is line or thread[0] in kinds):
                since, key = resolved[thread]
                if since < at <= since + 7 * DAY:
                    hits["X29"].add(key)

    return resolve, reopen, follow


def checks(hits: Hits) -> tuple[See, See]:
    """X22: looking again and again where the order is."""
    looked: dict[str, list[int]] = {}
    slipped: dict[str, list[int]] = {}

    def check(event: Event, _: str, at: int) -> None:
        order = event.get("correlation", {}).get("order_id")
        if order and event.get("direction") == "inbound":
            times = looked.setdefault(order, [])
            if times and at - times[-1] <= 10 * MINUTE:
                return
            times.append(at)
            if (len(times) >= 4 and at - times[-4] <= DAY) or (
                len(times) >= 3 and any(since < times[-3] and at - since <= DAY for since in slipped.get(order, ()))
            ):
                hits["X22"].add((order,))

    def shift(event: Event, _: str, at: int) -> None:
        order, eta = event.get("correlation", {}).get("order_id"), event.get("eta", {})
        if order and "previous_due_at" in eta and milliseconds(eta["due_at"]) > milliseconds(eta["previous_due_at"]):
            slipped.setdefault(order, []).append(at)

    return check, shift


def slips(hits: Hits) -> tuple[See, See]:
    """X23: the promised time slipped, and nobody tells the customer."""
    silent: dict[str, int] = {}

    def slip(event: Event, _: str, at: int) -> None:
        order, eta = event.get("correlation", {}).get("order_id"), event["eta"]
        if order and event["name"] == "order.eta_changed" and "previous_due_at" in eta:
            before = milliseconds(eta["previous_due_at"])
            if milliseconds(eta["due_at"]) - before >= (HOUR if before - at <= DAY else DAY):
                silent[order] = at

    def told(event: Event, _: str, at: int) -> None:
        order = event["correlation"].get("order_id")
        if order in silent:
            late = at - silent[order]
            if late > 45 * MINUTE:
                hits["X23"].add((order,))
                del silent[order]
            elif late <= 30 * MINUTE and event["name"] == "message.sent" and event.get("direction") == "outbound":
                del silent[order]

    return slip, told


def promises(hits: Hits) -> tuple[See, See]:
    """X25: what was promised does not happen in time."""
    waiting: dict[Key, list[tuple[str, int]]] = {}

    def promise(event: Event, _: str, at: int) -> None:
        kind, due, thread = event["promise"]["kind"], milliseconds(event["promise"]["due_at"]), None
        if kind in KEPT_BY and due - at <= 14 * DAY:
            thread = thread_of(event, PROMISED_ON)
        if thread is not None:
            waiting.setdefault(thread, []).append((kind, max(due, at) + 15 * MINUTE))

    def arrive(event: Event, _: str, at: int) -> None:
        for thread in event["correlation"].items():
            if thread in waiting:
                for kind, until in waiting.pop(thread):
                    if at > until + 15 * MINUTE:
                        hits["X25"].add(thread)
                    elif at > until or event["name"] not in KEPT_BY[kind]:
                        waiting.setdefault(thread, []).append((kind, until))

    return promise, arrive


def declines(hits: Hits) -> See:
    """U13: a payment is declined again and again."""
    declined: dict[Key, int] = {}

    def decline(event: Event, _: str, at: int) -> None:
        thread = thread_of(event, ("cart_id", "order_id"))
        if thread is not None:
            if at - declined.get(thread, -DAY) <= 15 * MINUTE:
                hits["U13"].add(thread)
            declined[thread] = at

    return decline
