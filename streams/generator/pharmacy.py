"""Stories of the pharmacy: refills for oneself and for others, the portal that fails, questions about a medicine."""

from typing import Final

from streams.generator.basket import money
from streams.generator.cast import Person
from streams.generator.contact import survey
from streams.generator.names import account_of, ident, phone_of
from streams.generator.places import app, backend, consulting_room, counter, mailing, sign_in, texting, web
from streams.generator.rules import MINUTE_MS
from streams.generator.scene import Event, Scene, Visit

OVERVIEW: Final[Event] = {"name": "overview", "index": 1, "total": 3}
DETAILS: Final[Event] = {"name": "details", "index": 2, "total": 3}
CONFIRM: Final[Event] = {"name": "confirm", "index": 3, "total": 3}


def refill(scene: Scene) -> None:
    """Refill a prescription after a reminder, hear when it will be ready, and fetch it, or say that one will not.

    A caregiver refills for any of several patients. The prescription is a thread: the pharmacy's own system knows
    nothing but it.
    """
    person = scene.person
    dice = scene.dice
    prescription, patient = dice.token("rx-"), dice.pick(person.patients) if person.patients else ""
    if dice.chance(0.6):
        _remind(scene, person, prescription)
    scene.begin("refill")
    visit = portal(scene, person, patient, prescription)
    supply = {"days_supply_left": dice.between(0, 9)}
    on_web = visit.common["channel"] == "web"
    visit.tell("page.viewed", "started", rx=supply, step=OVERVIEW if on_web else None)
    if on_web:
        visit.tell("page.viewed", "progressed", 20, step=DETAILS)
    visit.tell("refill.requested", "progressed", 40, rx=supply, step=CONFIRM if on_web else None)
    scene.wait(600, 20_000)
    pharmacy = backend(scene, person, rx_id=prescription)
    pharmacy.tell("refill.accepted", "progressed")
    if dice.chance(0.8):
        notice = texting(scene, person) if dice.chance(0.4) else mailing(scene, person)
        notice.about(rx_id=prescription)
        if person.host:
            notice.know(*account_of(scene, person))
        _make_ready(scene, notice, pharmacy, prescription)
        if dice.chance(0.15):
            notice.tell("message.replied", "abandoned", 900, direction="inbound")
            scene.end("abandoned")
            return
    else:
        pharmacy.tell("refill.ready", "progressed", 5_000, facts={f"rx_status:{prescription}": "ready"})
    _fetch(scene, person, patient, prescription)


def _make_ready(scene: Scene, notice: Visit, pharmacy: Visit, prescription: str) -> None:
    """Tell when it will be ready and have it ready by then; a promise only where it is known whose it is."""
    due_at = scene.now + scene.dice.between(40, 400) * MINUTE_MS
    promise = {"kind": "refill_ready", "due_at": due_at} if scene.person.host else None
    said = notice.tell("message.sent", after=20, promise=promise)
    facts = {f"rx_status:{prescription}": "ready"}
    ready = pharmacy.tell("refill.ready", "progressed", after=600, least=60, facts=facts)
    if promise:
        scene.plant("X25", "high", [said], {"rx_id": prescription}, due_at + 30 * MINUTE_MS, (ready,))


def medication_question(scene: Scene) -> None:
    """Read up on a medicine without signing in; some vote the article up."""
    person = scene.person
    scene.begin("medication_info")
    visit = web(scene, person)
    visit.tell("help.searched", "started")
    for _ in range(scene.dice.between(1, 3)):
        visit.tell("help.viewed", "progressed", 60)
    if scene.dice.chance(0.6):
        visit.tell("help.voted", "completed", 30)
        scene.end("completed")


def see_doctor(scene: Scene) -> None:
    """Book a video appointment, join it, and have the prescription that comes of it wait at the pharmacy."""
    person = scene.person
    scene.begin("telehealth_visit")
    appointment = scene.dice.token("ap-")
    visit = web(scene, person)
    visit.tell("page.viewed", "started")
    sign_in(scene, visit, person)
    visit.about(appointment_id=appointment)
    visit.tell("appointment.booked", "progressed", 60)
    scene.wait(3_000, 12_000)
    room = consulting_room(scene, person, appointment)
    if scene.dice.chance(0.1):
        room.tell("appointment.no_show", "abandoned", direction="internal")
        scene.end("abandoned")
        return
    room.tell("appointment.joined", "progressed", 60)
    room.tell("appointment.completed", "progressed", 400)
    pharmacy = backend(scene, person, appointment_id=appointment, rx_id=scene.dice.token("rx-"))
    pharmacy.tell("prescription.issued", "completed", 600)
    scene.end("completed")


def counter_visit(scene: Scene) -> None:
    """Buy something at the counter; the card may be shown, and the telephone number told for the points."""
    person = scene.person
    scene.begin("checkout")
    visit = counter(scene, person)
    if scene.dice.chance(0.3):
        visit.know(phone_of(scene, person))
    ware = scene.dice.pick(scene.brand.wares)
    visit.tell("item.added", "started", items=[{"sku": ware.sku, "qty": 1, "price_minor": ware.price_minor}])
    visit.tell("order.placed", "completed", 40, value=money(scene, ware.price_minor))
    scene.end("completed")


def _remind(scene: Scene, person: Person, prescription: str) -> None:
    mail = mailing(scene, person)
    mail.about(rx_id=prescription)
    mail.tell("refill.reminder_sent")
    mail.tell("message.delivered", after=6)
    scene.wait(300, 40_000)


def portal(scene: Scene, person: Person, patient: str, prescription: str) -> Visit:
    """Open the refill portal: signed in by those who have an account, in the app by every third household."""
    known = bool(person.account_at(scene.now))
    visit = app(scene, person) if known and person.circle % 3 == 0 else web(scene, person)
    visit.common["sensitivity"] = "health"
    visit.about(rx_id=prescription)
    visit.tell("page.viewed")
    if known:
        visit.know(ident("account_id", person.account, "authenticated"))
        visit.tell("auth.succeeded", "progressed", 25)
    if patient:
        visit.know(ident("patient_ref", patient))
    return visit


def _fetch(scene: Scene, person: Person, patient: str, prescription: str) -> None:
    scene.wait(2_000, 120_000)
    # Where it is not certain that this is who asked for it, it is handed out at the till like anything else.
    desk = counter(scene, person, channel="store" if person.host else "pos")
    desk.about(rx_id=prescription)
    if patient and scene.dice.chance(0.5):
        desk.know(ident("patient_ref", patient))
    desk.tell("refill.picked_up", "completed", 60, context_carried=scene.dice.chance(0.6) or None)
    scene.end("completed")
    if scene.dice.chance(0.25):
        survey(scene, person)
