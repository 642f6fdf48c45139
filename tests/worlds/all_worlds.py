"""Every world there is."""

from tests.worlds import (
    channels,
    contacts,
    devices,
    failures,
    friction,
    journeys,
    measures,
    offers,
    orders,
    repeats,
    things,
    tills,
    wire,
)

PEOPLE = (devices, contacts, things, wire)
JOURNEYS = (journeys, measures)
FRICTION = (friction, failures, channels, repeats, offers, orders, tills)
WORLDS = [world for theme in (*PEOPLE, *JOURNEYS, *FRICTION) for world in theme.WORLDS]
