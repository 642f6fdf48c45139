"""Marketing mail: sent, opened, clicked in a browser nobody knows yet, or forwarded to somebody else."""

from streams.generator.cast import Person
from streams.generator.names import ident
from streams.generator.places import mailing, web
from streams.generator.scene import Scene, Visit


def coupon(scene: Scene, person: Person) -> Visit | None:
    """Mail a coupon; answer the browser visit of whoever clicked it, or None.

    The click knows a cookie, the link of the mail and, as observed only, the address the mail went to: when the mail
    was forwarded, that is not the person clicking.
    """
    scene.begin("browse", told=False)
    mail = mailing(scene, person, "marketing")
    offer = {"offer_id": scene.dice.token("offer-"), "expires_at": scene.now + 14 * 86_400_000}
    mail.about(campaign_id=scene.dice.pick(scene.brand.campaigns))
    mail.tell("message.sent", offer=offer)
    mail.tell("message.delivered", after=8)
    if scene.dice.chance(0.6):
        mail.tell("message.opened", after=3_000, direction="inbound")
    if scene.dice.chance(0.5):
        return None
    scene.wait(60, 9_000)
    reader = person
    if scene.others and scene.dice.chance(scene.rules.observed):
        reader = scene.dice.pick(scene.others)
    visit = web(scene, reader)
    visit.about(**mail.threads)
    cookie = visit.identifiers
    visit.know(
        ident("message_link_token", mail.threads["message_id"] + "-l", "observed"),
        ident("email", person.email, "observed"),
    )
    visit.tell("message.clicked", "started", channel="email", source=scene.brand.mail)
    visit.identifiers = cookie
    visit.threads = {}
    visit.tell("page.viewed", "progressed", 3)
    return visit


def newsletter(scene: Scene) -> None:
    """Mail and, for some, look at a page or two."""
    visit = coupon(scene, scene.person)
    if visit is not None:
        visit.tell("page.viewed", after=20)
