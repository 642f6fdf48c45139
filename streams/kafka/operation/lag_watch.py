"""Ask the broker now and then how far our groups are behind on the partitions this worker has, for the metrics.

Asked beside the loops, so that neither waits: what was committed, against where the partition ends. After the last
record the markers of a few transactions may stand, and are counted with it.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from schemas.topics import EVIDENCE, HANDOFFS
from streams.kafka.broker import Broker, BrokerError
from streams.kafka.names import Names, Place
from streams.kafka.operation.lag import standing
from streams.kafka.operation.metrics import Metrics

EVERY_SECONDS: Final = 15.0
LIMIT_SECONDS: Final = 10.0


async def watch_lags(broker: Broker, names: Names, metrics: Metrics, every_seconds: float = EVERY_SECONDS) -> None:
    """Measure again and again, until cancelled; a broker that is away is asked again later."""
    while True:
        await asyncio.sleep(every_seconds)
        with suppress(BrokerError, TimeoutError):
            async with asyncio.timeout(LIMIT_SECONDS):
                await measure_lags(broker, names, metrics)


async def measure_lags(broker: Broker, names: Names, metrics: Metrics) -> None:
    """Set the lag of every partition that intake and stitcher have now. Raises `Away`."""
    inputs, numbers = list(metrics.intakes), list(metrics.stitchers)
    for place, lag in (await _behind(broker, names.group("intake"), inputs)).items():
        if (intake := metrics.intakes.get(place)) is not None:
            intake.lag = lag
    evidence, handoffs = names.topic(EVIDENCE), names.topic(HANDOFFS)
    within = [(topic, number) for number in numbers for topic in (evidence, handoffs)]
    lags = await _behind(broker, names.group("stitcher"), within)
    for number in numbers:
        # It may have been given back meanwhile.
        if (counts := metrics.stitchers.get(number)) is not None:
            counts.evidence_lag = lags[evidence, number]
            counts.handoffs_lag = lags[handoffs, number]


async def _behind(broker: Broker, group: str, places: Sequence[Place]) -> dict[Place, int]:
    """Tell how far behind a group is on each."""
    if not places:
        return {}
    async with standing(broker, group, places) as (stand, _):
        return {place: stand.behind(place) for place in places}
