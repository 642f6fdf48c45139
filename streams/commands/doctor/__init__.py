"""`seamline doctor`: what may be wrong with a set-up, each with its fix."""
