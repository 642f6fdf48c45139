"""Explanations: what a pattern saw of one customer, told by folding the customer again with that pattern alone."""
