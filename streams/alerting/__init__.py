"""When an alert opens, grows worse and ends: the lifecycle of incidents, as a value (pure)."""
