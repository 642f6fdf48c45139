-- Which records with their encrypted bytes are to be read again? Those cut short are left out, since their bytes are gone.
SELECT input, position, reason, source, raw_base64, raw_bytes, key_id
FROM dead_letters_v
WHERE ({reason:String} = '' OR reason = {reason:String})
ORDER BY input, length(position), position;
