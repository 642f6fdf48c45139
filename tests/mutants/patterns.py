"""Mutants of patterns: each family off by one bound, absences that are not taken back, guards that are not heard."""

from tests.mutants.mutant import Mutant

GATHERING = "patterns/gathering.py"
JOINING = "patterns/joining.py"
CATALOGUE = "patterns/catalogue/"

PATTERNS = (
    Mutant(
        "a call counts a moment longer than a day after the failure", "8 X01",
        f"{CATALOGUE}X01_digital_failure_to_contact.toml",
        'parameters = { window = "24h" }', 'parameters = { window = "86400001ms" }',
    ),
    Mutant(
        "the fourth hour after a failed refill is a moment short", "8 X18",
        f"{CATALOGUE}X18_refill_portal_to_pharmacy_call.toml",
        '[parameters]\nwindow = "4h"', '[parameters]\nwindow = "14399999ms"',
    ),
    Mutant(
        "two channels are three", "8 X03", f"{CATALOGUE}X03_channel_hopping.toml",
        'name = "channels"\nat_least = 3', 'name = "channels"\nat_least = 2',
    ),
    Mutant(
        "a seamless switch is a hop", "8 X03", f"{CATALOGUE}X03_channel_hopping.toml",
        "at_least = 2\nmatch = { context_carried = false, none = [", "at_least = 2\nmatch = { none = [",
    ),
    Mutant(
        "who is back after just a day is not back", "8 X06", "patterns/tallies.py",
        "            if left is not None and now - left <= within(values):",
        "            if left is not None and now - left < within(values):",
    ),
    Mutant(
        "completion does not end a line", "8 X03, X06", "patterns/matcher.py",
        "            lines.end_lines(pattern, matches, touchpoint)", "            pass",
    ),
    Mutant(
        "a run breaks at its very gap", "8 X04, U13", GATHERING,
        "group.newest > rule.gap(piece.values):", "group.newest >= rule.gap(piece.values):",
    ),
    Mutant(
        "a redialled call is another contact", "8 X04", GATHERING,
        "    if begin.unless is not None and lines",
        "    if begin.unless is not None and begin.unless.by_thread and lines",
    ),
    Mutant(
        "a redialled call undoes a resolution", "8 X29", JOINING,
        "    if follow.unless is not None and lines",
        "    if follow.unless is not None and not follow.must_relate and lines",
    ),
    Mutant(
        "a redial counts as one a moment too long", "8 X04, X15, X29", "patterns/lines.py",
        "times[-1] >= now - recall.within(values)", "times[-1] >= now - recall.within(values) - 1",
    ),
    Mutant(
        "a resolution can be undone a moment longer than a week", "8 X29", f"{CATALOGUE}X29_reopened_resolution.toml",
        '[parameters]\nwindow = "7d"', '[parameters]\nwindow = "604800001ms"',
    ),
    Mutant(
        "an expired offer counts", "8 X13", GATHERING,
        " and (one.expires == NEVER or now <= one.expires)", "",
    ),
    Mutant(
        "an offer expires a moment early", "8 X13", GATHERING,
        "now <= one.expires)", "now < one.expires)",
    ),
    Mutant(
        "a scanner is as slow as a reader", "8 X15", f"{CATALOGUE}X15_email_link_broken.toml",
        'scanner = "2s"', 'scanner = "1999ms"',
    ),
    Mutant(
        "what follows may come at the same instant", "8 instants", GATHERING,
        "    since = one.newest if one.newest < now else one.before\n    return since != NEVER and since < now <=",
        "    since = one.newest\n    return since != NEVER and since <= now <=",
    ),
    Mutant(
        "a check counts ten minutes after the last one", "8 X22", GATHERING,
        "now - group.newest <= begin.collapse(values):", "now - group.newest < begin.collapse(values):",
    ),
    Mutant(
        "five checks a day are four", "8 X22", f"{CATALOGUE}X22_order_status_anxiety.toml",
        "at_least = 4", "at_least = 5",
    ),
    Mutant(
        "an hour is not long enough to tell", "8 X23", f"{CATALOGUE}X23_eta_slip_silence.toml",
        'slip_soon = "1h"', 'slip_soon = "3600001ms"',
    ),
    Mutant(
        "a message may come a moment after half an hour", "8 X23", f"{CATALOGUE}X23_eta_slip_silence.toml",
        'message_within = "30m"', 'message_within = "1800001ms"',
    ),
    Mutant(
        "a promise is broken a moment early", "8 X25", f"{CATALOGUE}X25_promise_broken.toml",
        'grace = "15m"', 'grace = "899999ms"',
    ),
    Mutant(
        "an absence is not taken back", "8 X23, X25, U13, X03", JOINING,
        "            group.waits = waits\n", "            del waits\n",
    ),
    Mutant(
        "an absence is shown at its deadline", "8 lateness", GATHERING,
        "    shown_from = deadline + missing.lateness(piece.values)", "    shown_from = deadline",
    ),
    Mutant(
        "time alone shows no absence", "8", "patterns/hits.py",
        "    return min((wait.shown_from for wait in group.waits if wait.shown_from > as_of), default=None)",
        "    return None",
    ),
    Mutant(
        "what came at the same instant is missing", "8 instants", GATHERING,
        "    if lines.has_arrived(missing, matches, name, since):\n        return\n", "",
    ),
    Mutant(
        "a payment just half an hour later comes too late", "8 U13", f"{CATALOGUE}U13_payment_retry_loop.toml",
        'success_within = "30m"', 'success_within = "1799999ms"',
    ),
    Mutant(
        "a kiosk's line is a moment short", "8 U14", f"{CATALOGUE}U14_kiosk_walkaway.toml",
        '[parameters]\nwindow = "30m"', '[parameters]\nwindow = "1799999ms"',
    ),
    Mutant(
        "who walked away can walk away again", "8 U14", JOINING,
        "        if follow.ends_line:\n", "        if follow.ends_line and follow.after_all is None:\n",
    ),
    Mutant(
        "of much evidence the newest is left out", "8 a hit's row", "patterns/matches.py",
        "            del signs[EVIDENCE_MAX // 2]", "            del signs[EVIDENCE_MAX]",
    ),
)  # fmt: skip
