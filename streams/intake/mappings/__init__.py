"""Mappings that come with Seamline, one TOML file each; `streams/intake/mapping.py` reads them."""
