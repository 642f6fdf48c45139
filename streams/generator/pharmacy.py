"""Stories of the pharmacy: refills for oneself and for others, the portal that fails, questions about a medicine."""

from streams.generator.basket import money
from streams.generator.cast import Person
from streams.generator.contact import ask_for_help, call, survey
from streams.generator.names import ident, phone_of
from streams.generator.places import app, backend, consulting_room, counter, mailing, sign_in, texting, web
from streams.generator.scene import Scene, Visit


def refill(scene: Scene, *, trouble: bool | None = None) -> None:
    """Refill a prescription after a reminder; if the portal fails, call about it within the day.

    A caregiver refills for any of several patients. The prescription is a thread: the pharmacy's own system knows
    nothing but it.
    """
    person = scene.person
    dice = scene.dice
    prescription = dice.token("rx-")
    patient = dice.pick(person.patients) if person.patients else ""
    if dice.chance(0.6):
        _remind(scene, person, prescription)
    scene.begin("refill")
    visit = _portal(scene, person, patient)
    visit.about(rx_id=prescription)
    supply = {"days_supply_left": dice.between(0, 9)}
    visit.tell("page.viewed", "started", step={"name": "overview", "index": 1, "total": 3}, rx=supply)
    if dice.chance(scene.rules.friction) if trouble is None else trouble:
        _portal_fails(scene, person, visit, prescription)
    else:
        visit.tell("refill.requested", "progressed", 40, step={"name": "confirm", "index": 3, "total": 3}, rx=supply)
    scene.wait(600, 20_000)
    pharmacy = backend(scene, person, rx_id=prescription)
    pharmacy.tell("refill.accepted", "progressed")
    pharmacy.tell("refill.ready", "progressed", 5_000, facts={f"rx_status:{prescription}": "ready"})
    if dice.chance(0.8):
        notice = texting(scene, person) if dice.chance(0.4) else mailing(scene, person)
        notice.about(rx_id=prescription)
        notice.tell("message.sent", after=60, promise={"kind": "refill_ready", "due_at": scene.now})
    if dice.chance(0.85):
        _fetch(scene, person, patient, prescription)
    else:
        scene.end("abandoned")


def medication_question(scene: Scene) -> None:
    """Read up on a medicine without signing in; some then ask, some vote the article up."""
    person = scene.person
    scene.begin("medication_info")
    visit = web(scene, person)
    visit.tell("help.searched", "started")
    for _ in range(scene.dice.between(1, 3)):
        visit.tell("help.viewed", "progressed", 60)
    if scene.dice.chance(0.4):
        visit.tell("help.voted", "completed", 30)
        scene.end("completed")
    elif scene.dice.chance(0.4):
        scene.wait(120, 5_000)
        ask_for_help(scene, person, "side_effect_question")


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


def _portal(scene: Scene, person: Person, patient: str) -> Visit:
    known = bool(person.account_at(scene.now))
    visit = app(scene, person) if known and scene.dice.chance(0.3) else web(scene, person)
    visit.common["sensitivity"] = "health"
    visit.tell("page.viewed")
    if known:
        visit.know(ident("account_id", person.account, "authenticated"))
        visit.tell("auth.succeeded", "progressed", 25)
    if patient:
        visit.know(ident("patient_ref", patient))
    return visit


def _portal_fails(scene: Scene, person: Person, visit: Visit, prescription: str) -> None:
    error = {"code": scene.dice.pick(("rx_not_found", "portal_error")), "class": "system", "http_status": 500}
    step = {"name": "confirm", "index": 3, "total": 3}
    failures = [
        visit.tell("refill.requested", "failed", 30, error=error, outcome_reason="technical", step=step)
        for _ in range(scene.dice.between(1, 2))
    ]
    scene.wait(120, 20_000)
    contact = call(scene, person, "refill_problem", rx_id=prescription)
    scene.friction("X01", "high", [*failures, contact], rx_id=prescription)


def _fetch(scene: Scene, person: Person, patient: str, prescription: str) -> None:
    scene.wait(2_000, 120_000)
    desk = counter(scene, person, channel="store")
    desk.about(rx_id=prescription)
    if patient and scene.dice.chance(0.5):
        desk.know(ident("patient_ref", patient))
    desk.tell("refill.picked_up", "completed", 60)
    scene.end("completed")
    if scene.dice.chance(0.25):
        survey(scene, person)
