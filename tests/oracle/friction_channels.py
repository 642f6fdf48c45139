"""X03 channel_hopping and X06 bounce_with_reentry: one task on several channels (rules.md 8)."""

from collections.abc import Callable, Iterator

from tests.oracle.hits import DAY, LATENESS, Hit, Life, fails, gather, threadless
from tests.oracle.wire import Event

CHANNELS_MANY = 3
CHANGES_MANY = 2


def lines_of_tasks(life: Life) -> dict[bytes, list[Event]]:
    """Gather inbound touchpoints that tell a task in lines of (brand, task) that end where it completes."""
    return gather(
        (one for one in life.held if one.direction == "inbound" and one.task),
        threadless,
        share=lambda one: (one.brand, one.task),
        width=lambda _: DAY,
        ends=_completes,
    )


def channel_hopping(life: Life) -> Iterator[Hit]:
    """X03."""
    for key, line in lines_of_tasks(life).items():
        hopped, third = _hopped(line), _third_channel(line)
        shown_at = None if third is None else third.event_time + DAY + LATENESS
        if shown_at is not None and shown_at > life.as_of:
            shown_at = None
        led_to = hopped or third
        instants = [] if hopped is None else [hopped.event_time]
        if shown_at is not None:
            instants.append(shown_at)
        if instants and led_to is not None:
            yield _hit("X03", key, line, led_to, min(instants))


def _hopped(line: list[Event]) -> Event | None:
    """Find the item by which the line has two changes and a failure."""
    changes, failed = 0, fails(line[0])
    for index, one in enumerate(line[1:]):
        away = one.channel != line[index].channel
        changes += away and not one.told.context_carried and not _completes(one)
        failed = failed or fails(one)
        if changes >= CHANGES_MANY and failed:
            return one
    return None


def _third_channel(line: list[Event]) -> Event | None:
    """Find the item that made it three channels, unless one completes within a day of it."""
    channels = set()
    for one in line:
        if not one.told.context_carried and not _completes(one):
            channels.add(one.channel)
        if len(channels) == CHANNELS_MANY:
            done = any(_completes(other) and other.event_time - one.event_time <= DAY for other in line)
            return None if done else one
    return None


def bounce_with_reentry(life: Life) -> Iterator[Hit]:
    """X06."""
    for key, line in lines_of_tasks(life).items():
        bounced, entered = _first(line, _bounces), _first(line, _re_enters)
        if bounced is not None and entered is not None:
            led_to = line[max(bounced, entered)]
            yield _hit("X06", key, line, led_to, led_to.event_time)


def _first(line: list[Event], comes_true: Callable[[list[Event], int], bool]) -> int | None:
    return next((index for index in range(len(line)) if comes_true(line, index)), None)


def _bounces(line: list[Event], last: int) -> bool:
    """Tell whether with this item somebody is back on a channel that was left within a day."""
    here = line[last].channel
    away = next((index for index in range(last - 1, -1, -1) if line[index].channel != here), 0)
    return any(one.channel == here and line[last].event_time - one.event_time <= DAY for one in line[:away])


def _re_enters(line: list[Event], last: int) -> bool:
    """Tell whether with this item something is asked, begun or gone through again at another channel."""
    return any(_again(before, line[last]) for before in line[:last] if before.channel != line[last].channel)


def _again(before: Event, one: Event) -> bool:
    if one.name == before.name == "info.provided" and one.told.field_group == before.told.field_group != "":
        return True
    if one.name == before.name == "task.started":
        return True
    was, now = before.told.step_index, one.told.step_index
    return was is not None and now is not None and now < was


def _completes(one: Event) -> bool:
    return one.outcome == "completed"


def _hit(pattern: str, key: bytes, line: list[Event], led_to: Event, detected_at: int) -> Hit:
    head = line[0]
    return Hit(
        pattern=pattern,
        key=key,
        severity="high",
        confidence=0.8,
        head=head,
        evidence=line,
        detected_at=detected_at,
        channel_to=led_to.channel,
        brand=head.brand,
        task=head.task,
    )
