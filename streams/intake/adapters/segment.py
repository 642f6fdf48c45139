"""Adapter for messages of the Segment specification, alone or in a `batch`.

Newer messages are camelCase with `type`, older ones snake_case with `action`; both are read. A missing message id is
made of the content. Times are taken as told: where the original time stands beside the corrected one, intake corrects
it itself. Only properties from a list are kept as attributes, because the others may hold names, addresses and words
of customers.
"""

from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from typing import Final

import msgspec

from schemas.wire import WireEvent
from streams.intake.adapters.json_text import Object, load_object, split_array
from streams.intake.adapters.segment_names import CALLS, Meaning, meaning_of
from streams.intake.rejected import Reason, Rejected
from streams.intake.rules import IntakeRules
from streams.processor import InputRecord

SOURCE: Final = "segment"
DELIVERY_FIELDS: Final = frozenset({"receivedAt", "received_at", "sentAt", "sent_at"})
"""Differ between two deliveries of one message, so they are no part of an id made of its content."""
KEPT_PROPERTIES: Final = (
    "url", "path", "category", "coupon", "sku", "product_id", "plan", "step", "checkout_id", "list_id", "promotion_id",
    "wishlist_id", "version", "build", "provider", "quality", "rating", "position", "method", "label", "group_id",
)  # fmt: skip
CORRELATIONS: Final = {
    "order_id": ("order_id", "orderId"),
    "cart_id": ("cart_id", "cartId"),
    "payment_id": ("payment_id", "paymentId"),
    "message_id": ("email_id",),
    "campaign_id": ("campaign_id", "campaignId"),
    "ticket_id": ("conversation_id", "conversationId"),
}
"""Our threads by the properties that name them; a conversation is a ticket, whose messages belong to one person."""
MINOR_DIGITS: Final = {
    "BHD": 3,
    "CLP": 0,
    "ISK": 0,
    "JOD": 3,
    "JPY": 0,
    "KRW": 0,
    "KWD": 3,
    "OMR": 3,
    "TND": 3,
    "VND": 0,
}
VALUE_KINDS: Final = {"order.placed": "revenue", "order.refunded": "refund"}
APP_LIBRARIES: Final = ("ios", "swift", "android", "kotlin", "react-native", "flutter", "unity", "xamarin")
CHANNEL_WORDS: Final = {"browser": "web", "web": "web", "client": "web", "mobile": "app"}
AMOUNT_END: Final = Decimal(10) ** 15


class SegmentShape:
    """Reads Segment messages. A message that tells no time takes its log record's; without one it is dead."""

    def __init__(self, rules: IntakeRules) -> None:
        self._rules = rules

    def pieces(self, record: InputRecord) -> list[bytes] | Rejected:
        """Cut an array or a `batch`; anything else is one message."""
        pieces = split_array(record.value, self._rules.limits)
        if isinstance(pieces, Rejected) or len(pieces) != 1 or b'"batch"' not in pieces[0]:
            return pieces
        told = load_object(pieces[0], self._rules.limits)
        batch = None if isinstance(told, Rejected) else told.get("batch")
        if isinstance(batch, list) and batch:
            return [msgspec.json.encode(each) for each in batch]
        return pieces

    def event_of(self, piece: bytes, record: InputRecord) -> WireEvent | Rejected:
        """Read one message."""
        told = load_object(piece, self._rules.limits)
        if isinstance(told, Rejected):
            return told
        source = record.source or SOURCE
        meaning = _meaning_of(told)
        if isinstance(meaning, Rejected):
            return msgspec.structs.replace(meaning, source=source)
        fields = self._fields_of(told, meaning, source)
        if fields["occurred_at"] is None:
            fields["occurred_at"] = record.timestamp
        try:
            return msgspec.convert({name: value for name, value in fields.items() if value is not None}, WireEvent)
        except msgspec.ValidationError as error:
            return Rejected(Reason.WRONG_TYPE, str(error), source)

    def _fields_of(self, told: Object, meaning: Meaning, source: str) -> Object:
        properties = _inside(told, "properties")
        context = _inside(told, "context")
        original = _first(told, "originalTimestamp", "original_timestamp")
        received_at = _first(told, "receivedAt", "received_at")
        sent_at = _first(told, "sentAt", "sent_at")
        # A `timestamp` on a message that was received is corrected already; correcting it twice would be wrong.
        corrected = original is None and received_at is not None
        occurred_at = original if original is not None else _first(told, "timestamp", "time", "sentAt", "receivedAt")
        channel = meaning.channel or _channel_of(told, context)
        if not channel and self._rules.defaults_of(source).channel is None:
            channel = "unknown"
        return {
            "event_id": _text(_first(told, "messageId", "message_id")) or _content_id(told, source),
            "source": source,
            "channel": channel or None,
            "sub_channel": meaning.sub_channel or None,
            "direction": meaning.direction,
            "name": meaning.name,
            "task": meaning.task or None,
            "outcome": meaning.outcome or None,
            "occurred_at": occurred_at,
            "received_at": received_at,
            "sent_at": None if corrected else sent_at,
            "identifiers": _identifiers_of(told, context),
            "session_id": _text(_first(properties, "session_id", "sessionId")),
            "locale": _text(context.get("locale")),
            "correlation": {
                field: text for field, names in CORRELATIONS.items() if (text := _text(_first(properties, *names)))
            },
            "value": _value_of(properties, meaning),
            "items": _items_of(properties),
            "attributes": _attributes_of(told, properties),
            "schema_version": _text(told.get("version")),
        }


def _meaning_of(told: Object) -> Meaning | Rejected:
    call = _first(told, "type", "action")
    if call == "track":
        event = told.get("event")
        if isinstance(event, str) and event.strip():
            return meaning_of(event)
        reason = Reason.NO_NAME if event is None or event == "" else Reason.WRONG_TYPE
        return Rejected(reason, "event of a track message is not a name")
    meaning = CALLS.get(call) if isinstance(call, str) else None
    return Rejected(Reason.WRONG_TYPE, "type is no call of the specification") if meaning is None else meaning


def _identifiers_of(told: Object, context: Object) -> list[dict[str, str]]:
    traits = {**_inside(context, "traits"), **_inside(told, "traits")}
    device = _inside(context, "device")
    previous = _text(_first(told, "previousId", "previous_id"))
    named = (
        ("account_id", _text(_first(told, "userId", "user_id")), "asserted"),
        ("email" if "@" in previous else "anonymous_id", previous, "asserted"),
        ("email", _text(traits.get("email")), "asserted"),
        ("phone", _text(traits.get("phone")), "asserted"),
        ("anonymous_id", _text(_first(told, "anonymousId", "anonymous_id")), "observed"),
        ("device_id", _text(device.get("id")), "observed"),
        ("push_token", _text(device.get("token")), "observed"),
        ("ip", _text(context.get("ip")), "observed"),
    )
    return [{"kind": kind, "value": value, "assurance": assurance} for kind, value, assurance in named if value]


def _channel_of(told: Object, context: Object) -> str:
    """Tell the channel by the library, else by the message's own word; empty where neither says."""
    library = _text(_inside(context, "library").get("name")).casefold()
    if any(part in library for part in APP_LIBRARIES):
        return "app"
    if library.startswith("analytics.js"):
        return "web"
    return CHANNEL_WORDS.get(_text(told.get("channel")).casefold(), "")


def _value_of(properties: Object, meaning: Meaning) -> dict[str, object] | None:
    kind = VALUE_KINDS.get(meaning.name)
    currency = _text(properties.get("currency")).upper()
    amount = _minor(_first(properties, "revenue", "total", "value", "itemPrice"), currency) if kind else None
    if amount is None or not currency:
        return None
    return {"amount_minor": amount, "currency": currency, "kind": kind}


def _minor(amount: object, currency: str) -> int | None:
    """Turn an amount of whole units into minor ones; None where it is no amount."""
    if isinstance(amount, bool) or not isinstance(amount, int | float | str):
        return None
    try:
        exact = Decimal(str(amount)).scaleb(MINOR_DIGITS.get(currency, 2))
    except InvalidOperation:
        return None
    return round(exact) if exact.is_finite() and abs(exact) < AMOUNT_END else None


def _items_of(properties: Object) -> list[dict[str, object]] | None:
    products = properties.get("products")
    if not isinstance(products, list):
        return None
    currency = _text(properties.get("currency")).upper()
    items: list[dict[str, object]] = []
    for product in products:
        if not isinstance(product, dict):
            continue
        sku = _text(_first(product, "sku", "product_id", "id"))
        quantity = product.get("quantity")
        price = _minor(product.get("price"), currency)
        if sku:
            whole = quantity if isinstance(quantity, int) and not isinstance(quantity, bool) else 1
            category = _text(product.get("category"))
            items.append({"sku": sku, "qty": whole, "price_minor": price or 0, "category": category})
    return items


def _attributes_of(told: Object, properties: Object) -> dict[str, str] | None:
    kept = {name: text for name in KEPT_PROPERTIES if (text := _text(properties.get(name)))}
    group = _text(_first(told, "groupId", "group_id"))
    if group:
        kept["group_id"] = group
    return kept or None


def _content_id(told: Object, source: str) -> str:
    content = {name: value for name, value in told.items() if name not in DELIVERY_FIELDS}
    material = source.encode() + b"\x1f" + msgspec.json.encode(content, order="deterministic")
    return blake2b(material, digest_size=16).hexdigest()


def _first(told: Object, *names: str) -> object:
    return next((told[name] for name in names if told.get(name) is not None), None)


def _inside(told: Object, name: str) -> Object:
    inside = told.get(name)
    return inside if isinstance(inside, dict) else {}


def _text(value: object) -> str:
    """Read a scalar as text; anything else, and nothing, is empty."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)
