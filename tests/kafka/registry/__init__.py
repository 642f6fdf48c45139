"""Schemas that a registry knows, and a double of one."""
