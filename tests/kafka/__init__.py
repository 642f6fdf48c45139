"""The driver on a broker."""
