"""The stitcher on Kafka: its place in the group, its partitions, their transactions and their state."""
