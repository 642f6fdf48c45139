"""Baseline: the plain loop with the thirteen patterns of docs/rules.md §8 by hand, each as short as one would write it.

Events are taken as they stand: it knows neither order, repeats, lateness, merges nor retraction. It links nobody: what
is about a thread is kept by the thread, all else by the first identifier. What is missing is noticed at the next event
of the same thread, task or customer. It counts hits, and works out no severity, evidence or score. Left alone since it
was committed, as are the three files it imports; change them and old figures mean nothing.
"""

from collections.abc import Iterable

import msgspec

from benchmarks.baselines.facts import CONTACTS, FAULTS, MINUTE, PATTERNS, Hits, See, milliseconds
from benchmarks.baselines.patterns_of_customers import failures, hops, links, rewards, walkaways
from benchmarks.baselines.patterns_of_threads import checks, contacts, declines, promises, resolutions, slips


def count_hits(lines: Iterable[bytes]) -> tuple[int, int, dict[str, int]]:
    """Count events, sessions, and hits by pattern, of native JSON lines in the order they stand."""
    decode = msgspec.json.Decoder().decode
    hits: Hits = {pattern: set() for pattern in PATTERNS}
    fail, leave, ask = failures(hits)
    hop, slip, told, promise, arrive = hops(hits), *slips(hits), *promises(hits)
    drop, named = by_name(hits, ask)
    last_seen: dict[str, int] = {}
    events = sessions = 0
    for line in lines:
        event = decode(line)
        identifiers = event.get("identifiers")
        who = identifiers[0]["kind"] + ":" + identifiers[0]["value"] if identifiers else event.get("session_id", "")
        at = milliseconds(event["occurred_at"])
        last = last_seen.get(who)
        if last is None or at - last > 30 * MINUTE:
            sessions += 1
        last_seen[who] = at
        events += 1
        if "correlation" in event:
            told(event, who, at)
            arrive(event, who, at)
        for see in named.get(event["name"], ()):
            see(event, who, at)
        if event.get("direction") == "inbound":
            if event.get("outcome") == "failed" or ("error" in event and event["error"].get("class") in FAULTS):
                fail(event, who, at)
            if "task" in event:
                hop(event, who, at)
                leave(event, who, at)
            if event["channel"] == "store" and event.get("location", {}).get("type") == "pharmacy":
                ask(event, who, at)
        if "eta" in event:
            slip(event, who, at)
        if "promise" in event:
            promise(event, who, at)
        if "contact" in event:
            drop(event, who, at)
    return events, sessions, {pattern: len(keys) for pattern, keys in hits.items()}


def by_name(hits: Hits, ask: See) -> tuple[See, dict[str, tuple[See, ...]]]:
    """Tell who sees events of which name; the first notes contacts that broke off."""
    resolve, reopen, follow = resolutions(hits)
    drop, contact = contacts(hits, ask, follow)
    delivered, click, break_page = links(hits)
    offer, refuse = rewards(hits)
    check, shift = checks(hits)
    choose, end_kiosk, order = walkaways(hits)
    return drop, {
        **dict.fromkeys(CONTACTS, (contact,)),
        **dict.fromkeys(("ticket.resolved", "case.resolved"), (resolve,)),
        **dict.fromkeys(("ticket.reopened", "case.reopened"), (reopen,)),
        **dict.fromkeys(("reward.offered", "promo.shown"), (offer,)),
        **dict.fromkeys(("reward.rejected", "promo.rejected", "loyalty.scan_failed"), (refuse,)),
        **dict.fromkeys(("item.added", "item.customized"), (choose,)),
        **dict.fromkeys(("session.timed_out", "session.ended"), (end_kiosk,)),
        "order.placed": (order,),
        "message.delivered": (delivered,),
        "message.clicked": (click,),
        "page.failed": (break_page,),
        "status.viewed": (check,),
        "order.eta_changed": (shift,),
        "payment.failed": (declines(hits),),
    }
