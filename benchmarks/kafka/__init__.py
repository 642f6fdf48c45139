"""What an event costs on a real broker, beside frameworks that do a small part of the work: `make bench-kafka`."""
