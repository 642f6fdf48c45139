"""Where results go. Sinks read rows and know nothing of how they were made."""
