"""The three businesses a world may have: a restaurant chain, a pharmacy and a shop, one group with one account.

Only what events carry: names, sources, places with their terminals, wares. All invented.
"""

from typing import Final, NamedTuple

from streams.generator.rules import PHARMACY, RESTAURANT, SHOP


class Ware(NamedTuple):
    """Something sold; the price is in minor units of the brand's currency."""

    sku: str
    price_minor: int
    category: str


class Place(NamedTuple):
    """A branch and the terminals in it."""

    location_id: str
    type: str
    terminals: tuple[str, ...]


class Brand(NamedTuple):
    """One business: sources are URI references as they stand on events."""

    industry: str
    name: str
    web: str
    app: str
    support: str
    mail: str
    courier: str
    places: tuple[Place, ...]
    wares: tuple[Ware, ...]
    campaigns: tuple[str, ...]
    intents: tuple[str, ...]
    store_mail: str
    """The address tills type in when they have none; it belongs to nobody."""
    region: str = "us-east"
    locale: str = "en-US"
    currency: str = "USD"


def _places(prefix: str, kind: str, count: int, terminals: tuple[str, ...]) -> tuple[Place, ...]:
    return tuple(Place(f"{prefix}-{100 + 9 * number}", kind, terminals) for number in range(count))


def _wares(prefix: str, category: str, prices: tuple[int, ...]) -> tuple[Ware, ...]:
    return tuple(Ware(f"{prefix}-{number:03d}", price, category) for number, price in enumerate(prices, 1))


KETTLE: Final = Brand(
    industry=RESTAURANT,
    name="copper-kettle",
    web="/web/copper-kettle",
    app="/app/copper-kettle",
    support="/helpdesk/copper-kettle",
    mail="/mail/copper-kettle",
    courier="/courier/swiftwheel",
    places=_places("ck", "restaurant", 12, ("k1", "k2", "k3")),
    wares=_wares("BOWL", "mains", (990, 1090, 1190, 1290)) + _wares("CUP", "drinks", (290, 340, 390)),
    campaigns=("ck-spring-bowl", "ck-lunch-hour", "ck-we-are-sorry"),
    intents=("payment_problem", "order_status", "wrong_item", "loyalty_points"),
    store_mail="orders@copper-kettle.example.com",
)
LINDEN: Final = Brand(
    industry=PHARMACY,
    name="linden-pharmacy",
    web="/web/linden-portal",
    app="/app/linden",
    support="/helpdesk/linden-care",
    mail="/mail/linden",
    courier="/courier/medirun",
    places=_places("lp", "pharmacy", 6, ("c1", "c2")),
    wares=_wares("CARE", "wellness", (590, 890, 1490)) + _wares("DERM", "skin", (1290, 1890)),
    campaigns=("lp-refill-reminder", "lp-flu-season"),
    intents=("refill_problem", "side_effect_question", "order_status"),
    store_mail="desk@linden-pharmacy.example.com",
)
FOLD: Final = Brand(
    industry=SHOP,
    name="field-and-fold",
    web="/web/field-and-fold",
    app="/app/field-and-fold",
    support="/helpdesk/field-and-fold",
    mail="/mail/field-and-fold",
    courier="/courier/parcelroad",
    places=_places("ff", "store", 5, ("p1", "p2")),
    wares=_wares("COAT", "outerwear", (8900, 12900, 15900)) + _wares("TENT", "camping", (19900, 24900, 4500)),
    campaigns=("ff-new-season", "ff-last-chance"),
    intents=("order_status", "return_question", "payment_problem", "size_advice"),
    store_mail="shop@field-and-fold.example.com",
)
BRANDS: Final = {brand.industry: brand for brand in (KETTLE, LINDEN, FOLD)}
