"""Adapters: one per shape that producers send, each turning bytes into native events and nothing else."""
