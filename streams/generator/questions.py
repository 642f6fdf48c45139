"""Questions that follow no failure: somebody wants to know something, asks at once, and mostly is helped."""

from streams.generator.contact import ask_for_help, chat_from_page
from streams.generator.past import Past
from streams.generator.places import backend, web
from streams.generator.rules import HOUR_MS
from streams.generator.scene import Scene

_ABOUT_AN_ORDER = "order_status"
_SPAN_MS = HOUR_MS
"""A question is asked within this time."""


def may_ask(scene: Scene, past: Past) -> bool:
    """Tell whether a question now would be a question, and not the consequence of something that went wrong."""
    return scene.person.talks and past.is_quiet(scene.person.circle, scene.now, scene.now + _SPAN_MS)


def ask(scene: Scene) -> None:
    """Look at the help pages, or not, and ask: by telephone, chat or ticket, each with a case of its own."""
    person = scene.person
    if scene.dice.chance(0.25):
        _ask_from_page(scene)
        return
    if scene.dice.chance(0.4):
        scene.begin("browse", told=False)
        visit = web(scene, person, signed_in=scene.dice.chance(0.5))
        visit.tell("page.viewed", "started")
        visit.tell("help.viewed", "progressed", 40)
    scene.begin("get_help")
    intent = _intent(scene)
    case = scene.dice.token("case-")
    ask_for_help(scene, person, intent, case_id=case)
    if scene.dice.chance(0.7):
        backend(scene, person, case_id=case).tell("case.resolved", "progressed", 600)
        scene.end("completed")


def _ask_from_page(scene: Scene) -> None:
    """Open the chat from a help page, which tells it what was looked for, and be helped."""
    person = scene.person
    scene.begin("get_help")
    visit = web(scene, person, signed_in=True)
    visit.tell("help.viewed", "started")
    case = scene.dice.token("case-")
    chat_from_page(scene, person, _intent(scene), case)
    backend(scene, person, case_id=case).tell("case.resolved", "progressed", 600)
    scene.end("completed")


def _intent(scene: Scene) -> str:
    return scene.dice.pick([one for one in scene.brand.intents if one != _ABOUT_AN_ORDER])
