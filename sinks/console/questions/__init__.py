"""What the pages ask of the warehouse, one question a file."""
