"""Stories of support: the call, the chat, the ticket, and the survey that follows.

Each answers the event id of the contact itself, which is what friction patterns count.
"""

from typing import Final

from streams.generator.cast import Person
from streams.generator.names import account_of, handle_of, ident
from streams.generator.places import helpdesk, mailing, public_square, web
from streams.generator.scene import Scene, Visit

_MODEL: Final = "lexicon-1"
_CALLERS: Final = 0.55
_CHATTERS: Final = 0.25
"""Shares of those who call and chat; the others write."""
_PATIENCE_MS: Final = 300_000


def ask_for_help(scene: Scene, person: Person, intent: str, *, known: bool = False, **threads: str) -> str:
    """Call, chat or write, whichever comes first to mind."""
    luck = scene.dice.roll()
    if luck < _CALLERS:
        return call(scene, person, intent, known=known, **threads)
    if luck < _CALLERS + _CHATTERS:
        return chat(scene, person, intent, known=known, **threads)
    return write_ticket(scene, person, intent, known=known, solved=True, **threads)


def desk(scene: Scene, person: Person, sub_channel: str, threads: dict[str, str], *, known: bool = False) -> Visit:
    """Reach support about something: a case of its own unless told, none if told as empty.

    `known` says that the account is told at once.
    """
    visit = helpdesk(scene, person, sub_channel)
    if known:
        visit.know(*account_of(scene, person))
    about = threads if "case_id" in threads else {"case_id": scene.dice.token("case-"), **threads}
    visit.about(**{kind: value for kind, value in about.items() if value})
    return visit


def call(scene: Scene, person: Person, intent: str, *, known: bool = False, **threads: str) -> str:
    """Call: wait, perhaps prove who one is, perhaps be passed on."""
    dice = scene.dice
    visit = desk(scene, person, "phone", {"call_id": dice.token("call-"), **threads}, known=known)
    contact = visit.tell("contact.started", "started", intent=intent)
    waited = dice.spread(4_000, 900_000)
    visit.tell("contact.queued", wait_ms=waited)
    scene.now += waited
    if waited > _PATIENCE_MS and dice.chance(0.4):
        visit.tell("contact.abandoned", "abandoned", wait_ms=waited)
        visit.tell("contact.ended", intent=intent)
        return contact
    visit.tell("contact.connected", "progressed", intent=intent, wait_ms=waited)
    if dice.chance(0.6):
        visit.know(*account_of(scene, person))
        visit.tell("contact.reauthenticated", after=30)
    if dice.chance(0.15):
        visit.tell("contact.transferred", after=60, intent=intent)
    sentiment = {"score": round(dice.roll() * 1.6 - 1, 2), "model": _MODEL, "source": "voice"}
    visit.tell(
        "contact.ended", "progressed", 150, intent=intent, handle_ms=dice.between(60_000, 600_000), sentiment=sentiment
    )
    return contact


def chat(scene: Scene, person: Person, intent: str, *, known: bool = False, **threads: str) -> str:
    """Chat: first the bot, then sometimes a person."""
    visit = desk(scene, person, "chat", threads, known=known)
    contact = visit.tell("contact.started", "started", intent=intent)
    _talk(scene, visit, intent)
    return contact


def chat_from_page(scene: Scene, person: Person, intent: str, case: str) -> str:
    """Open the chat from a page that tells it what was done there."""
    visit = desk(scene, person, "chat", {"case_id": case})
    contact = visit.tell("contact.started", "progressed", intent=intent, context_carried=True)
    _talk(scene, visit, intent)
    return contact


def _talk(scene: Scene, visit: Visit, intent: str) -> None:
    dice = scene.dice
    if dice.chance(0.6):
        visit.tell("bot.intent_matched", "progressed", 10, intent=intent)
    else:
        visit.tell("bot.fell_back", after=10)
        visit.tell("bot.escalated", after=20, intent=intent)
        visit.tell("contact.connected", "progressed", 60, wait_ms=dice.between(1_000, 120_000))
    visit.tell("contact.ended", "progressed", 90, intent=intent)


def write_ticket(
    scene: Scene, person: Person, intent: str, *, known: bool = False, solved: bool = True, **threads: str
) -> str:
    """Write a ticket and wait for hours; at first the tool may know only its number, the requester comes later."""
    dice = scene.dice
    visit = desk(scene, person, "ticket", {"ticket_id": dice.token("t-"), **threads}, known=known)
    requester = visit.identifiers
    if not known and dice.chance(0.3):
        visit.identifiers = []
    contact = visit.tell("ticket.created", "started", intent=intent)
    visit.identifiers = requester
    if dice.chance(0.05):
        visit.know(handle_of(person))
    scene.wait(600, 20_000)
    visit.tell("ticket.replied", "progressed", direction="outbound", intent=intent)
    if solved:
        if dice.chance(0.5):
            scene.wait(600, 30_000)
            visit.tell("ticket.pending", direction="outbound")
        # A solution that told the intent would be undone by the next question of that kind.
        visit.tell("ticket.resolved", "progressed", 9_000, direction="outbound")
    return contact


def complain_in_public(scene: Scene, person: Person) -> None:
    """Post what one thinks of it, under a handle."""
    visit = public_square(scene, person)
    sentiment = {"score": round(-scene.dice.roll(), 2), "model": _MODEL, "source": "text"}
    visit.tell("mention.posted", after=900, sentiment=sentiment)


def survey(scene: Scene, person: Person) -> None:
    """Invite by mail and, from some, an answer on the web."""
    scene.begin("give_feedback")
    invitation = mailing(scene, person)
    invited = invitation.tell("survey.invited", after=60, channel="survey")
    if not scene.dice.chance(0.5):
        return
    scene.wait(120, 40_000)
    visit = web(scene, person)
    visit.common["channel"] = "survey"
    visit.know(ident("message_link_token", invitation.threads["message_id"] + "-l", "observed"))
    visit.tell("survey.started", "started")
    answer = {
        "instrument": "csat",
        "score": scene.dice.between(1, 5),
        "scale_min": 1,
        "scale_max": 5,
        "invited_by_event": invited,
    }
    visit.tell("survey.responded", "completed", 40, survey=answer)
    scene.end("completed")
