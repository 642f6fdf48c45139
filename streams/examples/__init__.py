"""Real records written by others, small enough to ship, for the demo; README.md says whose they are."""
