"""Friction patterns: a small language in TOML, a matcher that folds touchpoints, and the hits it writes."""
