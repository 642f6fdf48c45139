"""Intake: bytes become touchpoints and evidence. Start at `rules.py`, then follow `decode`, `adapt`, `route`."""
