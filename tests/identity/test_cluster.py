"""A cluster's limit: how much may happen at one person."""

from streams.identity.cluster import Cluster
from streams.identity.members import Held
from tests.support.idents import account, seen

LIMIT = 3
ANNA = account(1)


def holding(present: int, withdrawn: int = 0) -> Cluster:
    cluster = Cluster({})
    for number in range(present):
        touchpoint = seen(number, ANNA)
        cluster.hold(touchpoint.key, Held(0, ANNA, number, touchpoint))
    for number in range(withdrawn):
        cluster.hold(bytes((number,)), Held(1, ANNA, number, None))
    return cluster


def test_up_to_the_limit_nobody_is_quarantined():
    cluster = holding(LIMIT)
    cluster.quarantine(LIMIT)
    assert cluster.quarantined is None


def test_beyond_the_limit_what_was_received_so_far_stays_and_what_comes_is_counted_only():
    cluster = holding(LIMIT + 1)
    cluster.quarantine(LIMIT)
    assert cluster.quarantined == max(h.touchpoint.received_at for h in cluster.touchpoints.values() if h.touchpoint)
    assert cluster.is_restructured


def test_withdrawn_touchpoints_do_not_count_towards_the_limit():
    cluster = holding(1, withdrawn=LIMIT + 1)
    cluster.quarantine(LIMIT)
    assert cluster.quarantined is None
    nobody_left = holding(0, withdrawn=LIMIT + 1)
    nobody_left.quarantine(LIMIT)
    assert nobody_left.quarantined is None
