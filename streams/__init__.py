"""Turn channel events into people, journeys and friction. Start reading at `topology.py`."""
