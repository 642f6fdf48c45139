"""The warehouse role on Kafka: its place in the group, what it gathers, and how that is stored."""
