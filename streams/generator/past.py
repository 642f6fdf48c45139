"""What a household's past may still lead to, so that stories told later do not become friction unwillingly.

A failure, or something begun at a screen and never finished, makes friction of any contact soon after (X01), and what
is done about one task goes on where it was left within a day (X03, X06). The past keeps, by circle, the spans of time
in which a contact would count, when each task and each intent was last told, and until when nothing may interfere.

Of whoever is hard to tell apart, everything begun counts as never finished: who knows whose the end of it will be. So
does a story of which an event came too late, and what is begun again while the same task was left unfinished: its
first events join what was left, and only there does it end.
"""

from typing import Final

from streams.generator.rules import DAY_MS, HOUR_MS, MINUTE_MS
from streams.generator.scene import Draft, Journey, Scene

_SCREENS: Final = ("web", "app", "kiosk", "email", "sms", "push")
_LONG: Final = ("checkout", "kiosk_order", "pickup", "delivery", "track_order", "return", "refill")
_LAPSES_MS: Final = {
    "onboarding": 7 * DAY_MS,
    "login": 15 * MINUTE_MS,
    "kiosk_order": 10 * MINUTE_MS,
    "pickup": 2 * HOUR_MS,
    "delivery": 2 * DAY_MS,
    "track_order": 14 * DAY_MS,
    "return": 14 * DAY_MS,
    "refill": 3 * DAY_MS,
    "telehealth_visit": 4 * HOUR_MS,
    "get_help": 7 * DAY_MS,
    "give_feedback": 7 * DAY_MS,
}
"""How long a journey rests before it has lapsed (docs/rules.md 7.1); of any other task a day."""
_LINE_MS: Final = 25 * HOUR_MS
_AFTER_LAPSE_MS: Final = 5 * HOUR_MS
"""For so long a visit to the pharmacy follows a refill that has lapsed (X18), and a bit more."""
_MARGIN_MS: Final = 2 * MINUTE_MS
"""Stamps of a slow transmission may be off by less than this."""


class Past:
    """What may still become friction, by circle."""

    __slots__ = ("_busy", "_intents", "_left", "_lines", "_spans")

    def __init__(self) -> None:
        self._spans: dict[int, list[tuple[int, int]]] = {}
        self._lines: dict[tuple[int, str, str], int] = {}
        self._intents: dict[tuple[int, str, str], int] = {}
        self._left: dict[tuple[int, str, str], int] = {}
        self._busy: dict[int, int] = {}

    def note(self, scene: Scene, *, trusted: bool) -> None:
        """Remember a story; `trusted` says that its events arrived and that all of them are its person's."""
        circle = scene.person.circle
        spans = [one for one in self._spans.get(circle, ()) if one[1] > scene.begins]
        told: dict[str, list[Draft]] = {}
        for draft in scene.drafts:
            told.setdefault(draft.journey, []).append(draft)
            self._note_line(circle, scene.brand.name, draft)
        for journey in scene.journeys:
            mine = told.get(journey.journey)
            if mine:
                ended = self._note_end(circle, journey, mine[0].at, scene.drafts[-1].at, trusted=trusted)
                # Events of other journeys of the story may join what has not ended, by an order both are about.
                spans += _spans(journey, mine, None if ended else scene.drafts[-1].at)
        self._spans[circle] = spans

    def is_quiet(self, circle: int, since: int, until: int) -> bool:
        """Tell whether a contact of these people at any time between would follow no failure."""
        return not any(begins < until and since < ends for begins, ends in self._spans.get(circle, ()))

    def rested(self, circle: int, brand: str, task: str) -> int:
        """Answer from when on this task of this brand begins anew."""
        return self._lines.get((circle, brand, task), 0) + _LINE_MS

    def is_left(self, circle: int, brand: str, task: str, now: int) -> bool:
        """Tell whether this task of this brand was begun, not finished, and may have lapsed just now or later."""
        return now < self._left.get((circle, brand, task), 0) + _AFTER_LAPSE_MS

    def asked(self, circle: int, brand: str, intent: str) -> int:
        """Answer when these people were last heard of with this intent."""
        return self._intents.get((circle, brand, intent), 0)

    def is_busy(self, circle: int, now: int) -> bool:
        """Tell whether friction is under way that nothing may interfere with."""
        return now < self._busy.get(circle, 0)

    def keep_busy(self, scene: Scene) -> None:
        """Let nothing interfere with this story until what customers did in it has rested."""
        last = max((draft.at for draft in scene.drafts if draft.event["direction"] == "inbound"), default=scene.now)
        self._busy[scene.person.circle] = last + _LINE_MS

    def _note_end(self, circle: int, journey: Journey, begun: int, last: int, *, trusted: bool) -> bool:
        name = (circle, journey.brand, journey.task)
        left = self._left.get(name, 0)
        if trusted and journey.end == "completed" and begun > left + _MARGIN_MS:
            return True
        self._left[name] = max(left, last + _LAPSES_MS.get(journey.task, DAY_MS))
        return False

    def _note_line(self, circle: int, brand: str, draft: Draft) -> None:
        task, intent = draft.event.get("task"), draft.event.get("intent")
        if task and draft.event["direction"] == "inbound":
            line = (circle, brand, str(task))
            self._lines[line] = max(draft.at, self._lines.get(line, 0))
        if intent:
            asked = (circle, brand, str(intent))
            self._intents[asked] = max(draft.at, self._intents.get(asked, 0))


def _spans(journey: Journey, drafts: list[Draft], last: int | None) -> list[tuple[int, int]]:
    """List when contacts would follow a failure of this journey, or its lapse; it rests from `last` on, None: ended."""
    window = DAY_MS if journey.task in _LONG else 2 * HOUR_MS
    spans = [
        (draft.at - _MARGIN_MS, draft.at + window + _MARGIN_MS)
        for draft in drafts
        if draft.event["outcome"] == "failed" or "error" in draft.event
    ]
    if last is None:
        return spans
    inbound = (draft for draft in drafts if draft.event["direction"] == "inbound")
    begun = [draft.at for draft in inbound if draft.event["channel"] in _SCREENS]
    if begun:
        lapse = _LAPSES_MS.get(journey.task, DAY_MS)
        spans.append((begun[0] + lapse - _MARGIN_MS, last + lapse + window + _MARGIN_MS))
    return spans
