"""What the generator promises about its worlds."""
