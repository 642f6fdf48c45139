"""Identifiers: the kinds a customer is known by, and the order among them.

An identifier inside Seamline is an `Ident`: 17 bytes, one of rank and sixteen of a keyed hash. Comparing two of
them as bytes compares rank first and hash second, and a smaller one is *stronger*. Every kind has a rank of its own,
so the kind, and with it the class, can be read off the first byte. Plain values never travel past intake.
"""

from enum import StrEnum
from hashlib import blake2b
from typing import NewType

Ident = NewType("Ident", bytes)
PersonId = NewType("PersonId", str)

IDENT_BYTES = 17
NOBODY = PersonId("")
"""The person of a touchpoint that is stitched to nobody."""


class IdentClass(StrEnum):
    """What a holder of such an identifier decides."""

    STRONG = "strong"
    DEVICE = "device"
    THREAD = "thread"
    NOBODY = "nobody"


class Kind(StrEnum):
    """Identifier kinds in order of strength, strongest first; the value is the name on the wire."""

    ACCOUNT = "account_id"
    LOYALTY = "loyalty_id"
    EMAIL = "email"
    PHONE = "phone"
    TICKET_REQUESTER = "ticket_requester_id"
    PARTNER_CUSTOMER = "partner_customer_ref"
    SOCIAL_HANDLE = "social_handle"
    PATIENT_REF = "patient_ref"
    DEVICE = "device_id"
    PUSH_TOKEN = "push_token"
    ANONYMOUS = "anonymous_id"
    ORDER = "order_id"
    PRESCRIPTION = "rx_id"
    TICKET = "ticket_id"
    CASE = "case_id"
    CALL = "call_id"
    APPOINTMENT = "appointment_id"
    PAYMENT = "payment_id"
    CART = "cart_id"
    MESSAGE = "message_id"
    MESSAGE_LINK = "message_link_token"
    SESSION = "session_id"
    TOUCHPOINT = "touchpoint"


RANKS: dict[Kind, int] = {
    Kind.ACCOUNT: 1,
    Kind.LOYALTY: 2,
    Kind.EMAIL: 3,
    Kind.PHONE: 4,
    Kind.TICKET_REQUESTER: 5,
    Kind.PARTNER_CUSTOMER: 6,
    Kind.SOCIAL_HANDLE: 7,
    Kind.PATIENT_REF: 8,
    Kind.DEVICE: 10,
    Kind.PUSH_TOKEN: 11,
    Kind.ANONYMOUS: 12,
    Kind.ORDER: 20,
    Kind.PRESCRIPTION: 21,
    Kind.TICKET: 22,
    Kind.CASE: 23,
    Kind.CALL: 24,
    Kind.APPOINTMENT: 25,
    Kind.PAYMENT: 26,
    Kind.CART: 27,
    Kind.MESSAGE: 30,
    Kind.MESSAGE_LINK: 31,
    Kind.SESSION: 32,
    Kind.TOUCHPOINT: 99,
}
KINDS: dict[int, Kind] = {rank: kind for kind, rank in RANKS.items()}
_NAMES: dict[int, str] = {rank: kind.value for kind, rank in RANKS.items()}

ACCOUNT_RANK = RANKS[Kind.ACCOUNT]
LOYALTY_RANK = RANKS[Kind.LOYALTY]
LAST_STRONG_RANK = 9
LAST_DEVICE_RANK = 19
FIRST_WEAK_THREAD_RANK = 30
"""Threads from this rank on (message, link, session) count only where the event names no device."""
LAST_THREAD_RANK = 39

_PERSON = blake2b(digest_size=16, person=b"seamline-person")
_TOUCHPOINT = blake2b(digest_size=16, person=b"seamline-touch")
_DERIVED = blake2b(digest_size=16, person=b"seamline-id")


def ident(kind: Kind, hashed: bytes) -> Ident:
    """Join a kind and the first sixteen bytes of its keyed hash."""
    return Ident(bytes((RANKS[kind],)) + hashed[:16])


def kind_name(identifier: Ident) -> str:
    """Read the name on the wire of an identifier's kind; KeyError for a rank that no kind has."""
    return _NAMES[identifier[0]]


def class_of(identifier: Ident) -> IdentClass:
    """Tell which holder an identifier has."""
    rank = identifier[0]
    if rank <= LAST_STRONG_RANK:
        return IdentClass.STRONG
    if rank <= LAST_DEVICE_RANK:
        return IdentClass.DEVICE
    return IdentClass.THREAD if rank <= LAST_THREAD_RANK else IdentClass.NOBODY


def nobody(touchpoint_key: bytes) -> Ident:
    """Name the holder of a touchpoint that no identifier claims."""
    return ident(Kind.TOUCHPOINT, touchpoint_key)


def person_of(canonical: Ident) -> PersonId:
    """Name the person whose canonical (smallest) identifier this is: 32 hex digits."""
    return PersonId(_named(_PERSON, canonical).hex())


def anonymous_person(device: Ident, claim_stamp: bytes = b"") -> PersonId:
    """Name the person of an unowned stretch on a device, after the claim that precedes it (none: empty)."""
    return PersonId(_named(_PERSON, device + claim_stamp).hex())


def partition_of(identifier: Ident, partitions: int) -> int:
    """Place an identifier on a partition; the hash is keyed and uniform, so eight bytes of it will do."""
    return int.from_bytes(identifier[1:9], "big") % partitions


def touchpoint_key(source: str, event_id: str, routing: bytes) -> bytes:
    """Key a touchpoint by source, event id and its routing identifiers joined (strong, devices, threads): 16 bytes."""
    return _named(_TOUCHPOINT, b"\x1f".join((source.encode(), event_id.encode(), routing)))


def derived_id(*parts: bytes) -> str:
    """Name something by what it is made of (a session by its first touchpoint, say): 32 hex digits."""
    return _named(_DERIVED, b"\x1f".join(parts)).hex()


def _named(purpose: blake2b, material: bytes) -> bytes:
    """Hash under a purpose; copying what was begun costs half of beginning anew."""
    begun = purpose.copy()
    begun.update(material)
    return begun.digest()
