"""Baselines: committed once and then left alone, so that a ratio to them means the same in every version."""
