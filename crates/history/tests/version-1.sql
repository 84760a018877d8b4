-- A history as version 1 wrote it: `sqlite3 history.db .dump`, and the two pragmas that a dump leaves out.
PRAGMA application_id = 1330464584;
PRAGMA user_version = 1;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE trades (
    key TEXT NOT NULL PRIMARY KEY, exited_at INTEGER NOT NULL, shard TEXT NOT NULL, bot TEXT NOT NULL, mode TEXT NOT NULL,
    persona TEXT, account TEXT, symbol TEXT, side TEXT, entry_order TEXT, entered_at INTEGER, entry_price TEXT,
    exit_price TEXT, quantity TEXT, stop TEXT, leverage INTEGER, gross_micro_usdt INTEGER, fees_micro_usdt INTEGER,
    funding_micro_usdt INTEGER, net_micro_usdt INTEGER, equity_at_entry_micro_usdt INTEGER, exit_reason TEXT,
    entry_kind TEXT, entry_reason TEXT, mood TEXT, mistake INTEGER
) STRICT;
INSERT INTO trades VALUES('trade/btc-1/scalper/b1-0-1',1769911199999,'btc-1','scalper','paper','newbie','sub-account-7','BTCUSDT','long','b1-0-1',1769911139999,'40001.1','40011.25','0.015','39000.0',2,-52350450,38671137,-22748877,-113770464,9947649550,'stop','signal',NULL,'confident',0);
INSERT INTO trades VALUES('trade/main/strategic_btc/b2-0-2',1769918399999,'main','strategic_btc','paper','newbie','sub-account-7','BTCUSDT','long','b2-0-2',1769918339999,'40002.1','40012.25','0.015','39000.0',3,-101800082,2026103,-75370840,-179197025,9898199918,'stop','signal',NULL,'confident',1);
INSERT INTO trades VALUES('trade/btc-1/newbie/b0-0-3',1769925599999,'btc-1','newbie','live','newbie','sub-account-7','BTCUSDT','long','b0-0-3',1769925539999,'40003.1','40013.25','0.015','39000.0',4,68832417,20863797,-110355891,-62387271,10068832417,'stop','signal',NULL,'confident',1);
CREATE TABLE sessions (
    key TEXT NOT NULL PRIMARY KEY, at INTEGER NOT NULL, shard TEXT NOT NULL, bot TEXT NOT NULL, session INTEGER,
    equity_micro_usdt INTEGER, total_return REAL, drawdown REAL, trades INTEGER, mood TEXT, confidence REAL, stress REAL,
    fatigue REAL, urge REAL, risk_appetite REAL, energy REAL
) STRICT;
INSERT INTO sessions VALUES('session/main/newbie/1',1769904000000,'main','newbie',1,10000000001,0.10000000000000000555,0.25,3,'calm',0.5,0.25,0.125,0.0,0.3000000000000000444,1.1000000000000000888);
INSERT INTO sessions VALUES('session/idle/newbie/1',1769904000001,'idle','newbie',1,10000000000,0.0,0.0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE equity (
    key TEXT NOT NULL PRIMARY KEY, at INTEGER NOT NULL, shard TEXT NOT NULL, bot TEXT NOT NULL, equity_micro_usdt INTEGER,
    wallet_micro_usdt INTEGER
) STRICT;
INSERT INTO equity VALUES('equity/main/newbie/1769904000000',1769904000000,'main','newbie',10000000001,10000000000);
CREATE TABLE audit (
    key TEXT NOT NULL PRIMARY KEY, at INTEGER NOT NULL, chain TEXT NOT NULL, seq INTEGER, who TEXT, link TEXT
) STRICT;
INSERT INTO audit VALUES('audit/gateway-1/1',1769904000000,'gateway-1',1,'alice','{"seq":1}');
CREATE INDEX trades_by_time ON trades (exited_at, key);
CREATE INDEX trades_by_bot ON trades (bot, exited_at, key);
CREATE INDEX sessions_by_time ON sessions (at, key);
CREATE INDEX sessions_by_bot ON sessions (bot, at, key);
CREATE INDEX equity_by_time ON equity (at, key);
CREATE INDEX equity_by_bot ON equity (bot, at, key);
CREATE INDEX audit_by_time ON audit (at, key);
COMMIT;
