"""Which friction can be planted where: one story for each way a pattern of docs/rules.md 8 comes about."""

from collections.abc import Callable
from typing import Final, NamedTuple

from streams.generator import plots_channels, plots_contact, plots_orders, plots_tills
from streams.generator.past import Past
from streams.generator.rules import DAY_MS, HOUR_MS, PHARMACY, RESTAURANT, SHOP
from streams.generator.scene import Scene

_BOTH: Final = (RESTAURANT, SHOP)
_ALL: Final = (RESTAURANT, PHARMACY, SHOP)
_FORGOTTEN_MS: Final = 8 * DAY_MS
"""What was asked so long ago is a new question (X04, X29)."""


class Plot(NamedTuple):
    """A story of friction: which brands live it, the task it is about, and how many hours ahead support may be asked.

    `weight` is how often it is told. An `intent` must not have been told for a week. An `open` plot lets other
    stories go on meanwhile.
    """

    story: Callable[[Scene], None]
    industries: tuple[str, ...]
    task: str = ""
    asks_hours: int = 0
    weight: int = 2
    intent: str = ""
    open: bool = False


PLOTS: Final = (
    Plot(plots_contact.kiosk_then_ask, (RESTAURANT,), "kiosk_order", 6),
    Plot(plots_contact.kiosk_then_till, (RESTAURANT,), "kiosk_order", 2, 1),
    Plot(plots_contact.checkout_then_contact, _BOTH, "checkout", 14),
    Plot(plots_contact.cart_left_then_contact, _BOTH, "checkout", 48, 1),
    Plot(plots_contact.page_then_contact, _ALL, "account_change", 4, 1),
    Plot(plots_contact.refill_then_ask, (PHARMACY,), "refill", 6, 6),
    Plot(plots_contact.ask_again, _ALL, "get_help", 120, 3, plots_contact.POINTS_INTENT),
    Plot(plots_contact.come_back, _ALL, "complaint", 100, 3, plots_contact.ADDRESS_INTENT),
    Plot(plots_channels.hop_with_failure, _ALL, "hop"),
    Plot(plots_channels.hop_in_vain, _ALL, "hop", 0, 1),
    Plot(plots_channels.tell_it_twice, _ALL, "hop"),
    Plot(plots_channels.start_over, _BOTH, "hop", 0, 1),
    Plot(plots_orders.look_and_look, _BOTH, "order", 24, 3),
    Plot(plots_orders.slip_in_silence, _BOTH, "order", 0, 3),
    Plot(plots_orders.promise_missed, _BOTH, "order"),
    Plot(plots_orders.nobody_calls_back, _ALL, "get_help", 2),
    Plot(plots_orders.refill_not_ready, (PHARMACY,), "refill"),
    Plot(plots_orders.refund_missed, (SHOP,), "return", 0, 1),
    Plot(plots_tills.offer_refused, _ALL, "loyalty_redeem", 0, 3, "", open=True),
    Plot(plots_tills.link_broken, _ALL, "", 0, 3),
    Plot(plots_tills.pay_again_and_again, _BOTH, "pay", 0, 3),
    Plot(plots_tills.walk_away, (RESTAURANT,), "kiosk_order", 0, 5),
)


def plots_for(scene: Scene, past: Past) -> list[Plot]:
    """List the plots that would be nothing but what they mean if they began now, each as often as its weight says."""
    return [plot for plot in PLOTS for _ in range(plot.weight) if _fits(plot, scene, past)]


def play(plot: Plot, scene: Scene, past: Past) -> None:
    """Tell a plot; unless it is open nothing else happens to its person until it is over.

    Where nobody can tell whose it is, it is ambiguous anyway, and life goes on.
    """
    plot.story(scene)
    if scene.person.host and not plot.open:
        past.keep_busy(scene)


def _fits(plot: Plot, scene: Scene, past: Past) -> bool:
    if scene.brand.industry not in plot.industries or not scene.person.host:
        return scene.brand.industry in plot.industries
    circle, now, brand = scene.person.circle, scene.now, scene.brand.name
    if any(past.rested(circle, brand, task) > now for task in _tasks(plot, scene)):
        return False
    if plot.intent and past.asked(circle, brand, plot.intent) > now - _FORGOTTEN_MS:
        return False
    return not plot.asks_hours or past.is_quiet(circle, now, now + plot.asks_hours * HOUR_MS)


def _tasks(plot: Plot, scene: Scene) -> tuple[str, ...]:
    """Name the tasks a plot tells; some depend on the brand."""
    if plot.task == "hop":
        return (plots_channels.task_of(scene),)
    if plot.task == "order":
        return ("delivery",) if scene.brand.industry == RESTAURANT else ("checkout", "track_order")
    if plot.task == "pay":
        return ("kiosk_order",) if scene.brand.industry == RESTAURANT else ("checkout",)
    return (plot.task,) if plot.task else ()
