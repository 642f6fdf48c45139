"""The broker's clients: aiokafka behind the protocols of `broker.py`, and what they need to be let in."""
