"""Intake on Kafka: its place in the group, its inputs, and the schemas they are written with."""
