"""What stands under deploy/ is true and well-formed."""
