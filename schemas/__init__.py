"""What flows through Seamline: touchpoints, evidence, rows, topics, and how each is encoded."""
