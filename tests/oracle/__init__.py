"""The oracle: what every table must hold, computed from the written events and the text of docs/rules.md, in batches.

It knows `schemas` and nothing else of the project, so that it cannot share a mistake of the streams with them.
`wire` and `details` read events, `people` and `ownership` answer who. `identity`, `sessions`, `journeys`, `measures`,
`friction` with a module for each family of patterns, and `rollups` fill tables. `compare` says where two sets of tables
differ, `plants` whether what was planted is what was found; `tangles` and `brinks` draw stories to compare on.
"""
