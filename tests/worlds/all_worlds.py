"""Every world there is."""

from tests.worlds import contacts, devices, friction, journeys, things, wire

WORLDS = [world for theme in (devices, contacts, things, wire, journeys, friction) for world in theme.WORLDS]
