"""Real workers on a real broker, with the load of a generated world, through faults drawn by seed; then the oracle."""
