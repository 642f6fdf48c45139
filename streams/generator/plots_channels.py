"""Plots over several channels: hopping between them (X03), and going back to begin anew (X06)."""

from collections.abc import Callable
from typing import Final

from streams.generator.basket import money
from streams.generator.rules import DAY_MS, MINUTE_MS, PHARMACY, RESTAURANT
from streams.generator.scene import Scene, Visit
from streams.generator.stage import BROKEN, browser, do, fill_basket, handset, terminal, till

_TASKS: Final = {RESTAURANT: "pickup", PHARMACY: "subscribe"}
_WAITED_MS: Final = DAY_MS + 15 * MINUTE_MS
Opened = Callable[[Scene], Visit]


def task_of(scene: Scene) -> str:
    """Name the task that customers of this brand do over several channels."""
    return _TASKS.get(scene.brand.industry, "checkout")


def hop_with_failure(scene: Scene, *, arrives: bool | None = None, to_till: bool | None = None) -> None:
    """X03: begin on one channel, fail on the next, try back there or at the till; some arrive in the end."""
    dice = scene.dice
    task = task_of(scene)
    scene.begin(task)
    first, second = (browser, handset) if dice.chance(0.5) else (handset, browser)
    visit = first(scene)
    line = [do(visit, "item.viewed", "started"), do(visit, "item.viewed")]
    scene.wait(60, 8_000)
    visit = second(scene)
    if task == "checkout":
        at_risk = money(scene, dice.pick(scene.brand.wares).price_minor, "at_risk")
        line.append(do(visit, "checkout.failed", "failed", error=BROKEN, outcome_reason="technical", value=at_risk))
    else:
        line.append(do(visit, "page.failed", "failed", error=BROKEN, outcome_reason="technical"))
    scene.wait(60, 8_000)
    goes = dice.chance(0.5) if to_till is None else to_till
    visit = till(scene) if goes else first(scene)
    line.append(do(visit, "item.viewed"))
    if dice.chance(0.4) if arrives is None else arrives:
        line.append(do(visit, "task.completed", "completed"))
        scene.end("completed")
    scene.plant("X03", "high", line, {"brand": scene.brand.name, "task": task})


def hop_in_vain(scene: Scene) -> None:
    """X03: nothing fails, and still nothing comes of a task after three channels and another day."""
    task = task_of(scene)
    scene.begin(task)
    ways: tuple[Opened, ...] = (browser, handset, till)
    line = []
    for opened in ways if scene.dice.chance(0.5) else (handset, browser, till):
        line.append(do(opened(scene), "item.viewed", "progressed"))
        scene.wait(60, 20_000)
    scene.plant("X03", "high", line, {"brand": scene.brand.name, "task": task}, scene.now + _WAITED_MS)


def tell_it_twice(scene: Scene) -> None:
    """X06: there and back between two channels, telling the same things again, starting or stepping back again."""
    dice = scene.dice
    task = task_of(scene)
    scene.begin(task)
    away: Opened = terminal if scene.brand.industry == RESTAURANT and dice.chance(0.3) else handset
    here, there = browser(scene), away(scene)
    how = dice.between(1, 3)
    if how == 1:
        form = {"field_group": dice.pick(("address", "contact", "insurance"))}
        line = [do(here, "info.provided", form=form), do(there, "item.viewed"), do(there, "info.provided", form=form)]
    elif how == 2:  # noqa: PLR2004
        line = [do(here, "task.started", "started"), do(there, "task.started", "started")]
    else:
        far, near = {"name": "review", "index": 3, "total": 4}, {"name": "address", "index": 1, "total": 4}
        line = [do(here, "task.step_viewed", step=far), do(there, "task.step_viewed", step=near)]
    scene.wait(60, 10_000)
    line.append(do(here, "item.viewed"))
    if dice.chance(0.5):
        line.append(do(here, "task.completed", "completed"))
        scene.end("completed")
    scene.plant("X06", "high", line, {"brand": scene.brand.name, "task": task})


def start_over(scene: Scene) -> None:
    """X06 on the way to an order: the basket filled in the app has to be filled again on the web."""
    scene.begin(task_of(scene))
    here, there = handset(scene), browser(scene)
    line = [do(here, "task.started", "started")]
    scene.wait(60, 4_000)
    line.append(do(there, "task.started", "started"))
    at_risk = fill_basket(scene, there, cart=False)
    line += [scene.last_event_id(), do(there, "checkout.started", value=at_risk)]
    scene.wait(60, 4_000)
    line.append(do(here, "cart.viewed"))
    scene.plant("X06", "high", line, {"brand": scene.brand.name, "task": task_of(scene)})
