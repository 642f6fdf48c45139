"""The core of the driver, module by module."""
