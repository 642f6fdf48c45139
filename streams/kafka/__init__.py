"""Driver 1: the same topology on Apache Kafka, by workers that may die at any time."""
