-- Version 1: a table a kind. Money is whole micro-USDT, times are milliseconds since 1970 (UTC), prices and quantities are
-- text in the instrument's own decimals. `key` is what a row is known by.
CREATE TABLE trades (
    key TEXT NOT NULL PRIMARY KEY, exited_at INTEGER NOT NULL, shard TEXT NOT NULL, bot TEXT NOT NULL, mode TEXT NOT NULL,
    persona TEXT, account TEXT, symbol TEXT, side TEXT, entry_order TEXT, entered_at INTEGER, entry_price TEXT,
    exit_price TEXT, quantity TEXT, stop TEXT, leverage INTEGER, gross_micro_usdt INTEGER, fees_micro_usdt INTEGER,
    funding_micro_usdt INTEGER, net_micro_usdt INTEGER, equity_at_entry_micro_usdt INTEGER, exit_reason TEXT,
    entry_kind TEXT, entry_reason TEXT, mood TEXT, mistake INTEGER
) STRICT;
CREATE INDEX trades_by_time ON trades (exited_at, key);
CREATE INDEX trades_by_bot ON trades (bot, exited_at, key);

CREATE TABLE sessions (
    key TEXT NOT NULL PRIMARY KEY, at INTEGER NOT NULL, shard TEXT NOT NULL, bot TEXT NOT NULL, session INTEGER,
    equity_micro_usdt INTEGER, total_return REAL, drawdown REAL, trades INTEGER, mood TEXT, confidence REAL, stress REAL,
    fatigue REAL, urge REAL, risk_appetite REAL, energy REAL
) STRICT;
CREATE INDEX sessions_by_time ON sessions (at, key);
CREATE INDEX sessions_by_bot ON sessions (bot, at, key);

CREATE TABLE equity (
    key TEXT NOT NULL PRIMARY KEY, at INTEGER NOT NULL, shard TEXT NOT NULL, bot TEXT NOT NULL, equity_micro_usdt INTEGER,
    wallet_micro_usdt INTEGER
) STRICT;
CREATE INDEX equity_by_time ON equity (at, key);
CREATE INDEX equity_by_bot ON equity (bot, at, key);

CREATE TABLE audit (
    key TEXT NOT NULL PRIMARY KEY, at INTEGER NOT NULL, chain TEXT NOT NULL, seq INTEGER, who TEXT, link TEXT
) STRICT;
CREATE INDEX audit_by_time ON audit (at, key);
