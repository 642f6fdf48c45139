"""Mutants that leave out a rule of docs/rules.md."""

from tests.mutants.mutant import Mutant

PEOPLE = "identity/people.py"
SITTINGS = "identity/sittings.py"
THREADS = "identity/threads.py"
ROUTE = "intake/route.py"

RULES = (
    Mutant(
        "accounts are not unique", "3.4 (b)", PEOPLE,
        "    return left_has_account == right_has_account", "    return not left_has_account and not right_has_account",
    ),
    Mutant(
        "two loyalty cards are one person", "3.4 (b)", PEOPLE,
        "    return left_has_account == right_has_account", "    return left_has_account and right_has_account",
    ),
    Mutant(
        "split decisions are not heard", "3.4 (a)", PEOPLE,
        "    if splits and _stands_between(splits, left, right):",
        "    if not splits and _stands_between(splits, left, right):",
    ),
    Mutant(
        "a contact follows accounts split from it", "3.6", PEOPLE,
        " or _stands_between(splits, {contact}, group.members):", ":",
    ),
    Mutant(
        "bindings join by identifiers, not by age", "3.4, decisions 7", PEOPLE,
        "    return sorted((time, pair) for time, pair in seen if time is not None)",
        "    return sorted(((time, pair) for time, pair in seen if time is not None), key=lambda one: one[1])",
    ),
    Mutant(
        "a shared contact stays with its first binding", "3.6", PEOPLE,
        "        for row in reversed(line[:position]):", "        for row in line[:position]:",
    ),
    Mutant(
        "nothing hangs on a contact", "3.5", PEOPLE,
        "        contact = group.hanging.get(owner, owner)", "        contact = owner",
    ),
    Mutant(
        "junk joins people", "3.3", PEOPLE,
        "    if junk and not junk.isdisjoint(pair):", "    if not junk and not junk.isdisjoint(pair):",
    ),
    Mutant(
        "a person has any number of identifiers", "3.4 (c)", PEOPLE,
        "    return LIMITED if len(left) + len(right) > limit else JOINED", "    return JOINED",
    ),
    Mutant(
        "silence does not end a sitting", "2.6", SITTINGS,
        "if not sittings or item.time - end > gap_ms or sittings", "if not sittings or sittings",
    ),
    Mutant(
        "a sitting of one owner is not its owner's", "2.6", SITTINGS,
        "follow = Ownership(owner) if owner is not None else _follow(", "follow = _follow(",
    ),
    Mutant(
        "of several owners the strongest has the sitting", "2.6", SITTINGS,
        "    if len(groups) != 1 or sum(1 for i in groups[0] if i[0] == ACCOUNT_RANK) > 1:\n        return None\n", "",
    ),
    Mutant(
        "one group may name two accounts", "2.6", SITTINGS,
        "    if len(groups) != 1 or sum(1 for i in groups[0] if i[0] == ACCOUNT_RANK) > 1:", "    if len(groups) != 1:",
    ),
    Mutant(
        "a sign-out does not cut a sitting", "2.6", SITTINGS,
        " or sittings[-1][-1].sort == SIGN_OUT:", ":",
    ),
    Mutant(
        "a sign-out does not end ownership", "2.6", SITTINGS,
        "(not item.claim.ids or id(item.claim) in counted)", "id(item.claim) in counted",
    ),
    Mutant(
        "ownership lasts for ever", "2.6", SITTINGS,
        "    if newest.ids and time - newest.time <= ownership_ms:", "    if newest.ids:",
    ),
    Mutant(
        "an observed claim counts beside a firm one", "2.6, decisions 8", SITTINGS,
        "        if any(claim.firm for claim in claims):", "        if all(claim.firm for claim in claims):",
    ),
    Mutant(
        "of two claims at one time the weaker is the newest", "2.6", SITTINGS,
        "sorted(claims, key=_ids, reverse=True)", "sorted(claims, key=_ids)",
    ),
    Mutant(
        "a claim stands after the touchpoint of its instant", "2.6", SITTINGS,
        "CLAIM, TOUCHPOINT, SPAN, SIGN_OUT = 0, 1, 1, 2", "CLAIM, TOUCHPOINT, SPAN, SIGN_OUT = 1, 0, 0, 2",
    ),
    Mutant(
        "a claim counts whenever it was received", "1.6", SITTINGS,
        "for claim in claims if claim.received <= cut)", "for claim in claims)",
    ),
    Mutant(
        "evidence counts whenever it was received", "1.6", "identity/rules.py",
        "        return touchpoint.event_time + self.keep_ms",
        "        return touchpoint.event_time + 99 * self.keep_ms",
    ),
    Mutant(
        "a thread belongs to its last claimant", "2.5", THREADS,
        "            rank = (claim.weakness, claim.time, claim.ids)",
        "            rank = (claim.weakness, -claim.time, claim.ids)",
    ),
    Mutant(
        "an observed claim has a thread as a firm one has", "2.5", THREADS,
        "        return 0 if self.firm else 1", "        return 0",
    ),
    Mutant(
        "threads that meet are not linked", "1.5", ROUTE,
        "            self._send(larger, Link(larger, first, touchpoint.received_at))", "            del larger",
    ),
    Mutant(
        "a thread does not fall back on its device", "1.5, 2.5", ROUTE,
        "            self._claim_thread(first, touchpoint.devices[:1], True, touchpoint)", "            del first",
    ),
    Mutant(
        "observed identifiers claim nothing", "1.5", ROUTE,
        "        ids = touchpoint.strong or touchpoint.observed", "        ids = touchpoint.strong",
    ),
    Mutant(
        "what a late event says of identity is ignored", "1.3", ROUTE,
        "            self._send(smallest, Edge(touchpoint.strong, touchpoint.event_time, touchpoint.received_at))",
        "            return",
    ),
    Mutant(
        "a late event is a touchpoint", "1.3", "processors/intake.py",
        "        is_late = lateness_ms > self._horizon_ms", "        is_late = lateness_ms > 99 * self._horizon_ms",
    ),
    Mutant(
        "copies of one event at one person are all shown", "4", "processors/resident.py",
        "        return (touchpoint.source, touchpoint.event_id)",
        "        return (touchpoint.source, touchpoint.key.hex())",
    ),
    Mutant(
        "of several copies the one with least identifiers is shown", "4", "processors/resident.py",
        "    return (-routing, touchpoint.received_at", "    return (routing, touchpoint.received_at",
    ),
    Mutant(
        "the first copy to arrive has the payload", "1.4", "identity/members.py",
        "    return theirs if _age(theirs.touchpoint) < _age(mine.touchpoint) else mine", "    return mine",
    ),
)  # fmt: skip
