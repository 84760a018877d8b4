-- Version 2: sessions and equity know their mode, and a row may be sealed: `sealed` then holds what the empty columns would.
-- Of an older row the mode is that of its shard's trades where these agree, else it is not known.
ALTER TABLE sessions ADD COLUMN mode TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE equity ADD COLUMN mode TEXT NOT NULL DEFAULT 'unknown';
UPDATE sessions SET mode = coalesce((
    SELECT min(mode) FROM trades WHERE trades.shard = sessions.shard HAVING min(mode) = max(mode)), 'unknown');
UPDATE equity SET mode = coalesce((
    SELECT min(mode) FROM trades WHERE trades.shard = equity.shard HAVING min(mode) = max(mode)), 'unknown');
ALTER TABLE trades ADD COLUMN sealed BLOB;
ALTER TABLE sessions ADD COLUMN sealed BLOB;
ALTER TABLE equity ADD COLUMN sealed BLOB;
ALTER TABLE audit ADD COLUMN sealed BLOB;
-- What was sealed once, so that a wrong key is known at once.
CREATE TABLE seal (only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1), sealed BLOB NOT NULL) STRICT;
