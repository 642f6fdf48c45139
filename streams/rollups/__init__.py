"""Windows of event time and what each person contributes to them."""
