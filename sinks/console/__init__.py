"""The terminal as a place where results go: rows in, pages a person reads out. Nothing is queried here."""
