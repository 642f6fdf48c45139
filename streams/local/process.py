"""What a process that runs a topology sets for itself: how often Python looks for cyclic garbage.

State is many small long-lived objects without cycles. With Python's default thresholds the collector walks them all
again and again: a third of the stitcher's time (measured). So it is asked to look rarely, and cycles wait a little
longer.
"""

import gc

THRESHOLDS = (50_000, 50, 100)


def calm_collector() -> None:
    """Make the cyclic garbage collector look rarely; to be called once, where a run begins."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
