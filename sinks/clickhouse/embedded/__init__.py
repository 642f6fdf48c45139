"""The embedded engine, shared: ClickHouse's HTTP interface over chdb, so that many processes use one data folder."""
