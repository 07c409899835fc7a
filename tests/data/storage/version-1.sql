BEGIN TRANSACTION;
CREATE TABLE claims (
	target VARCHAR(200) NOT NULL,
	owner VARCHAR(60),
	until DOUBLE NOT NULL,
	PRIMARY KEY (target)
);
CREATE TABLE exporters (
	id VARCHAR(60) NOT NULL,
	seen_at DOUBLE NOT NULL,
	until DOUBLE NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE history (
	id INTEGER NOT NULL,
	target VARCHAR(200) NOT NULL,
	at DOUBLE NOT NULL,
	depth VARCHAR(20) NOT NULL,
	status VARCHAR(30) NOT NULL,
	up SMALLINT,
	holds DOUBLE NOT NULL,
	duration DOUBLE NOT NULL,
	http_status INTEGER NOT NULL,
	fault VARCHAR(20) NOT NULL,
	reason VARCHAR(60) NOT NULL,
	message TEXT,
	cost_usd DOUBLE NOT NULL,
	PRIMARY KEY (id)
);
INSERT INTO "history" VALUES(1,'a',1700000010.0,'reach','operational',1,150.0,0.1,200,'none','ok',NULL,0.0);
INSERT INTO "history" VALUES(2,'a',1700000020.0,'reach','operational',1,150.0,0.1,200,'provider','server_error','Internal server error.',0.0);
INSERT INTO "history" VALUES(3,'a',1700000030.0,'reach','down',0,150.0,0.1,200,'provider','server_error','Internal server error.',0.0);
INSERT INTO "history" VALUES(4,'a',1700000040.0,'reach','operational',1,150.0,0.1,200,'none','ok',NULL,0.0);
CREATE TABLE jobs (
	reservation BIGINT NOT NULL,
	target VARCHAR(200) NOT NULL,
	identity VARCHAR(64) NOT NULL,
	created_at DOUBLE NOT NULL,
	data TEXT NOT NULL,
	PRIMARY KEY (reservation)
);
INSERT INTO "jobs" VALUES(2,'a','identity',1700000060.0,'{}');
CREATE TABLE ledger (
	id INTEGER NOT NULL,
	target VARCHAR(200) NOT NULL,
	account VARCHAR(200) NOT NULL,
	at DOUBLE NOT NULL,
	day VARCHAR(10) NOT NULL,
	month VARCHAR(7) NOT NULL,
	reserved_usd DOUBLE NOT NULL,
	settled_usd DOUBLE,
	PRIMARY KEY (id)
);
INSERT INTO "ledger" VALUES(1,'a','x',1700000000.0,'2023-11-14','2023-11',0.4,0.3);
INSERT INTO "ledger" VALUES(2,'a','x',1700000060.0,'2023-11-14','2023-11',0.4,NULL);
CREATE TABLE schema_version (
	version INTEGER NOT NULL
);
INSERT INTO "schema_version" VALUES(1);
CREATE TABLE settings (
	name VARCHAR(60) NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (name)
);
CREATE TABLE target_state (
	name VARCHAR(200) NOT NULL,
	identity VARCHAR(64) NOT NULL,
	model TEXT NOT NULL,
	channel VARCHAR(20) NOT NULL,
	status VARCHAR(30) NOT NULL,
	previous VARCHAR(30),
	since DOUBLE NOT NULL,
	reason VARCHAR(60) NOT NULL,
	fault VARCHAR(20) NOT NULL,
	message TEXT NOT NULL,
	transition_at DOUBLE,
	transition_from VARCHAR(30),
	transition_to VARCHAR(30),
	changes INTEGER NOT NULL,
	added_at DOUBLE NOT NULL,
	depths TEXT NOT NULL,
	PRIMARY KEY (name)
);
INSERT INTO "target_state" VALUES('a','1d6ecc86a8a6a212aba696e91bda7546','model-1','official','operational','down',1700000040.0,'ok','none','',1700000040.0,'down','operational',2,1700000000.0,'{"reach": {"total": 4, "failures": {"server_error": 2}, "skipped": {}, "last_at": 1700000040.0, "last_success_at": 1700000040.0, "asset": null, "cost_usd": 0.0, "stopped": null, "unanswered": 0}}');
CREATE TABLE transitions (
	id INTEGER NOT NULL,
	target VARCHAR(200) NOT NULL,
	at DOUBLE NOT NULL,
	previous VARCHAR(30),
	current VARCHAR(30) NOT NULL,
	reason VARCHAR(60) NOT NULL,
	fault VARCHAR(20) NOT NULL,
	up SMALLINT,
	holds DOUBLE NOT NULL,
	status_changed BOOLEAN NOT NULL,
	PRIMARY KEY (id)
);
INSERT INTO "transitions" VALUES(1,'a',1700000010.0,NULL,'operational','ok','none',1,150.0,1);
INSERT INTO "transitions" VALUES(2,'a',1700000030.0,'operational','down','server_error','provider',0,150.0,1);
INSERT INTO "transitions" VALUES(3,'a',1700000040.0,'down','operational','ok','none',1,150.0,1);
CREATE INDEX transitions_at ON transitions (at);
CREATE INDEX transitions_target ON transitions (target, id);
CREATE INDEX history_at ON history (at);
CREATE INDEX history_target ON history (target, id);
CREATE INDEX ledger_month ON ledger (month);
CREATE INDEX ledger_at ON ledger (at);
CREATE INDEX ledger_day ON ledger (day);
CREATE INDEX jobs_target ON jobs (target);
CREATE INDEX claims_owner ON claims (owner);
COMMIT;
