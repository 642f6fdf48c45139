"""The warehouse, on the real embedded engine."""
