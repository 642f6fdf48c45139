"""Mutants: cores with one rule left out, or one trap open. Each must be caught by worlds, laws or oracle.

`rules`, `traps`, `journeys` and `patterns` list them, `hunt` makes a copy of the streams with one change and runs
`trial` over it.
"""
