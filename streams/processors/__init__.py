"""Processors: each composes pure rooms into `take` and `settle`, and nothing else."""
