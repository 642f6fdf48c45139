-- What could not be read, the newest first? Empty filters let everything through; the raw record stays behind.
SELECT input, position, reason, detail, source, received_at, raw_bytes, raw_hash, key_id
FROM dead_letters_v
WHERE ({reason:String} = '' OR reason = {reason:String})
ORDER BY received_at DESC, input, position
LIMIT {limit:UInt32};
