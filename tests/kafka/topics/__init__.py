"""Topics planned, applied and checked on a real broker."""
