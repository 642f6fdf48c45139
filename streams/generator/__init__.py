"""A seeded generator of believable customers over five channels, with the truth beside the events.

Start at `world.py`; `rules.py` says what can be asked for, `export.py` writes files.
"""
