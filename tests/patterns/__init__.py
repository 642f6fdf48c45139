"""The pattern language, its engine and its catalogue."""
