"""A real single-node Apache Kafka on this machine, for development, the demo and tests: no container, no Maven."""
