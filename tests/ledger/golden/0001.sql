BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE events (
	run_id VARCHAR(64) NOT NULL, 
	seq BIGINT NOT NULL, 
	at DOUBLE NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	"key" TEXT, 
	phase VARCHAR(8) NOT NULL, 
	payload TEXT NOT NULL, 
	PRIMARY KEY (run_id, seq), 
	CONSTRAINT one_event_per_key_and_phase UNIQUE (run_id, "key", phase), 
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);
INSERT INTO "events" VALUES('261101-0a1b2c3d',1,1.79531406292535686492e+09,'run','run/created','fact','{"options":{"model":"embedded"},"task":{"ask":null,"browse":null,"budget":{"money":null,"seconds":null,"soft":0.8,"steps":200,"tokens":null},"build":null,"check":null,"checks":[],"constraints":[],"corpus":null,"evidence":[],"files":[],"goal":"count the words of the report\nand say how many there are","history":[],"mode":"auto","schema_version":1,"web":false}}');
INSERT INTO "events" VALUES('261101-0a1b2c3d',2,1.7953140629373731613e+09,'run',NULL,'fact','{"reason":"","status":"running"}');
INSERT INTO "events" VALUES('261101-0a1b2c3d',3,1.79531406294003820418e+09,'command','command/first','fact','{"command":{"op":"guide","text":"tables count as well"}}');
INSERT INTO "events" VALUES('261101-0a1b2c3d',4,1.79531406294034361842e+09,'run',NULL,'fact','{"reason":"verified","status":"finished"}');
INSERT INTO "events" VALUES('261102-00000000',1,1.79531406294363212591e+09,'run','run/created','fact','{"options":{},"task":{"ask":null,"browse":null,"budget":{"money":null,"seconds":null,"soft":0.8,"steps":200,"tokens":null},"build":null,"check":null,"checks":[],"constraints":[],"corpus":null,"evidence":[],"files":[],"goal":"x","history":[],"mode":"auto","schema_version":1,"web":false}}');
CREATE TABLE runs (
	id VARCHAR(64) NOT NULL, 
	goal TEXT NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	reason TEXT DEFAULT '' NOT NULL, 
	parent VARCHAR(64), 
	forked_at BIGINT, 
	created_at DOUBLE NOT NULL, 
	updated_at DOUBLE NOT NULL, 
	active_seconds DOUBLE DEFAULT '0' NOT NULL, 
	last_seq BIGINT DEFAULT '0' NOT NULL, 
	lease_owner TEXT, 
	lease_expires_at DOUBLE DEFAULT '0' NOT NULL, 
	fence BIGINT DEFAULT '0' NOT NULL, 
	schema_version INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "runs" VALUES('261101-0a1b2c3d','count the words of the report','finished','verified',NULL,NULL,1.79531406292535686492e+09,1.79531406294034361842e+09,4.5,4,NULL,0.0,1,1);
INSERT INTO "runs" VALUES('261102-00000000','x','queued','',NULL,NULL,1.79531406294363212591e+09,1.79531406294363212591e+09,0.0,1,NULL,0.0,0,1);
CREATE INDEX ix_runs_created_at ON runs (created_at);
CREATE INDEX commands ON events (run_id, seq) WHERE kind = 'command';
COMMIT;
