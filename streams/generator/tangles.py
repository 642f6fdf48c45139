"""Stories in which identities tangle: opening an account, new cards, the family tablet, signing out, crawlers."""

from streams.generator.cast import Person
from streams.generator.names import account_of, cookie_of, device, ident, mail_of, phone_of
from streams.generator.places import app, counter, sign_in, web
from streams.generator.scene import Scene, Visit


def introduce(scene: Scene, *, fully: bool = False) -> None:
    """Open or link an account: it, the address, the card and, mostly, the telephone are told together."""
    person = scene.person
    scene.begin("onboarding")
    visit = app(scene, person) if scene.dice.chance(0.5) else web(scene, person, tablet=False)
    visit.tell("page.viewed", "started")
    visit.know(ident("account_id", person.account, "authenticated"), mail_of(scene, person, "authenticated"))
    visit.tell("auth.succeeded", "progressed", 20)
    if fully or scene.dice.chance(0.8):
        visit.know(phone_of(scene, person))
    card = person.card_at(scene.now)
    if card:
        visit.know(ident("loyalty_id", card))
    visit.tell("identity.linked", "completed", 20)
    scene.end("completed")


def enrol(scene: Scene) -> None:
    """Fill in the form for a loyalty card at the counter: card and telephone, from some the address; no account."""
    person = scene.person
    scene.begin("onboarding")
    desk = counter(scene, person, channel="store")
    desk.identifiers = [ident("loyalty_id", person.card_at(scene.now)), phone_of(scene, person)]
    if scene.dice.chance(0.4):
        desk.know(mail_of(scene, person))
    desk.tell("info.provided", "started", 40)
    desk.tell("identity.linked", "completed", 60)
    scene.end("completed")


def renew_card(scene: Scene) -> None:
    """Renew a loyalty card at the counter: both cards are told with the account, without one with the telephone."""
    person = scene.person
    scene.begin("account_change")
    desk = counter(scene, person, channel="store")
    account = person.account_at(scene.now)
    owner = ident("account_id", account) if account else phone_of(scene, person)
    desk.identifiers = [owner, ident("loyalty_id", person.card)]
    desk.tell("info.provided", "started", 30)
    desk.identifiers = [owner, ident("loyalty_id", person.new_card)]
    desk.tell("identity.linked", "completed", 60)
    scene.end("completed")


def tablet_evening(scene: Scene) -> None:
    """Pass the household's tablet round: one signs in and out or just leaves, the next looks around or signs in."""
    scene.begin("browse", told=False)
    family = [one for one in scene.others if one.tablet == scene.person.tablet]
    for person in (scene.person, *family, scene.person):
        visit = web(scene, person, tablet=True)
        visit.tell("page.viewed", "started")
        if scene.dice.chance(0.5):
            sign_in(scene, visit, person)
            visit.tell("item.viewed", "progressed", 20)
            leave(scene, visit, 2 * scene.rules.sign_outs)
        else:
            visit.tell("item.viewed", "progressed", 20)
        scene.wait(60, 4_000)


def wrong_account(scene: Scene) -> None:
    """Use an app that another of the household is signed in to: the events say the wrong name."""
    scene.begin("browse", told=False)
    borrower = scene.others[0]
    visit = app(scene, scene.person)
    visit.customer = borrower.customer
    visit.tell("app.opened", "started")
    visit.tell("item.viewed", "progressed", 30)
    visit.know(mail_of(scene, borrower))
    visit.tell("form.submitted", "progressed", 40)


def leave(scene: Scene, visit: Visit, sign_out_share: float) -> None:
    """End a signed-in visit: sometimes by signing out, after which the device is anybody's."""
    if len(visit.identifiers) > 1 and scene.dice.chance(sign_out_share):
        visit.tell("identity.reset", after=10)
        visit.forget()
        if scene.dice.chance(0.5):
            visit.tell("page.viewed", after=20)


def signed_in_visit(scene: Scene) -> None:
    """Pay a plain visit: look, sign in, look, leave; the everyday evidence that ties a device to a person."""
    person = scene.person
    scene.begin("login")
    visit = web(scene, person)
    visit.tell("page.viewed", "started")
    if person.host and scene.dice.chance(0.3):
        visit.tell("auth.failed", "failed", 15, error={"code": "bad_password", "class": "user"})
    visit.know(*account_of(scene, person))
    visit.tell("auth.succeeded", "completed", 15)
    scene.end("completed")
    visit.tell("page.viewed", "progressed", 30)
    leave(scene, visit, scene.rules.sign_outs)


def crawl(scene: Scene, *, test: bool = False) -> None:
    """Crawl, or run a test in production: told, but nobody's."""
    person = scene.person
    visit = web(scene, person, tablet=False)
    visit.customer = ""
    if test:
        visit.common["environment"] = "test"
        visit.know(ident("email", "robot.tester@example.com", "authenticated"))
    else:
        visit.identifiers = [device("anonymous_id", cookie_of(scene, person)["value"] + "-crawler")]
        visit.common["is_bot"] = {"flag": True, "reason": "crawler"}
    for _ in range(scene.dice.between(1, 4)):
        visit.tell("page.viewed", after=1)


def is_household(person: Person, others: tuple[Person, ...]) -> bool:
    """Tell whether some of the others live with this person."""
    return any(other.circle == person.circle for other in others)
