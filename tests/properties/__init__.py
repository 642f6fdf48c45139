"""The laws: what may not change a table, held over small tangled stories and generated worlds.

`tangles` draws stories, `telling` tells them to the engine and to the oracle, the `laws_of_*` modules hold the laws,
`harness` runs them. `make laws` runs many examples, pytest a few.
"""
