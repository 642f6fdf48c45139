"""The alerting role on Kafka: one lifecycle at a time, and the delivery of what it says."""
