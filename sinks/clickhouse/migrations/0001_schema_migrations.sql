-- Which migrations this database has had, and what each said then: a file that changed after it was applied is refused.
CREATE TABLE IF NOT EXISTS schema_migrations
(
    version UInt32 COMMENT 'Number at the head of the file name',
    name String COMMENT 'File name',
    checksum String COMMENT 'SHA-256 of the text, in hex',
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was applied'
)
ENGINE = MergeTree
ORDER BY version;
