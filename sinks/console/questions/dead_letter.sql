-- What was this record, the encrypted bytes included?
SELECT input, position, reason, detail, source, received_at, raw_base64, raw_bytes, raw_hash, key_id
FROM dead_letters_v
WHERE input = {input:String} AND position = {position:String};
