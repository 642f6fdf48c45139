"""The oracle: what every table must hold, computed from the written events and the text of docs/rules.md, in batches.

It knows `schemas` and nothing else of the project, so that it cannot share a mistake of the streams with them.
`wire` reads events, `people` and `ownership` answer who, `identity`, `sessions`, `journeys`, `friction` and `rollups`
fill tables, `compare` says where two sets of tables differ.
"""
