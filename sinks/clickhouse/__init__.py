"""The warehouse: rows in ClickHouse (a server or the embedded engine), views that are always right, named questions."""
