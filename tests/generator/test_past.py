"""What was left unfinished is not asked about by accident."""

from streams.generator.cast import Person, people_of
from streams.generator.dice import Dice
from streams.generator.past import Past
from streams.generator.places import backend, web
from streams.generator.rules import DAY_MS, HOUR_MS, WorldRules
from streams.generator.scene import Scene

RULES = WorldRules(seed=1, people=40)
BEGINS = RULES.start_ms + DAY_MS


def _person() -> Person:
    return next(one for one in people_of(RULES) if one.host)


def _checkout(begins: int, end: str) -> Scene:
    """A checkout on the web, and a parcel that is packed ten hours later."""
    scene = Scene(RULES, Dice(1, 2, 3), _person(), begins)
    scene.begin("checkout")
    web(scene, scene.person).tell("checkout.started", "progressed", 0)
    scene.end(end)
    scene.now += 10 * HOUR_MS
    scene.begin("track_order")
    backend(scene, scene.person, order_id="F-1").tell("order.packed", after=0)
    scene.end("completed")
    return scene


def _is_quiet(past: Past, hours_later: float) -> bool:
    at = BEGINS + int(hours_later * HOUR_MS)
    return past.is_quiet(_person().circle, at, at + HOUR_MS)


def test_nobody_asks_in_the_day_after_a_checkout_lapsed() -> None:
    past = Past()
    past.note(_checkout(BEGINS, "abandoned"), trusted=True)
    assert _is_quiet(past, 20)
    assert not _is_quiet(past, 30)


def test_a_story_that_lost_an_event_may_have_gone_on_until_its_last_one() -> None:
    past = Past()
    past.note(_checkout(BEGINS, "completed"), trusted=False)
    assert not _is_quiet(past, 55)
    assert _is_quiet(past, 59)


def test_what_is_begun_where_the_same_was_left_may_end_there() -> None:
    past = Past()
    brand = _checkout(BEGINS, "abandoned").brand.name
    past.note(_checkout(BEGINS, "abandoned"), trusted=True)
    past.note(_checkout(BEGINS + 20 * HOUR_MS, "completed"), trusted=True)
    assert not _is_quiet(past, 66)
    assert past.is_left(_person().circle, brand, "checkout", BEGINS + 58 * HOUR_MS)
    assert not past.is_left(_person().circle, brand, "checkout", BEGINS + 60 * HOUR_MS)
