"""Where alerts go: a signed webhook and a file, retried until they arrive or too long has passed."""
