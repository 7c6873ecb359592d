-- A store that Glasstorch wrote before alembic: `.dump` of the file, whose user_version is 1.
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
INSERT INTO "facts" VALUES('form token','an-old-form-token');
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY REFERENCES submissions (number),
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done')),
    fence INTEGER NOT NULL DEFAULT 0,           -- grows whenever the job changes hands; an old holder cannot write
    failures INTEGER NOT NULL DEFAULT 0,        -- of the grader itself, never of the learner's code
    last_failure TEXT NOT NULL DEFAULT '',
    available_at REAL NOT NULL,
    worker TEXT,
    lease_until REAL,
    progress_done INTEGER NOT NULL DEFAULT 0,
    progress_total INTEGER NOT NULL DEFAULT 0,
    progress_now TEXT NOT NULL DEFAULT '',
    CHECK ((state = 'running') = (worker IS NOT NULL AND lease_until IS NOT NULL))
) STRICT;
INSERT INTO "jobs" VALUES(1,'done',1,0,'',1767225600.25,NULL,NULL,0,0,'');
INSERT INTO "jobs" VALUES(2,'done',1,0,'',1767225601.0,NULL,NULL,0,0,'');
INSERT INTO "jobs" VALUES(3,'done',8,4,'SandboxError: the box did not start',1767225787.75,NULL,NULL,0,0,'');
INSERT INTO "jobs" VALUES(4,'running',1,0,'',1767225844.25,'b',1767225859.5,1,3,'The gradient has the shape of x');
INSERT INTO "jobs" VALUES(5,'queued',0,0,'',1767225844.75,NULL,NULL,0,0,'');
INSERT INTO "jobs" VALUES(6,'queued',0,0,'',1767225845.0,NULL,NULL,0,0,'');
CREATE TABLE results (
    number INTEGER PRIMARY KEY REFERENCES submissions (number),   -- so one result per submission, always
    status TEXT NOT NULL,
    score REAL NOT NULL,
    max_score REAL NOT NULL,
    result TEXT NOT NULL,                       -- the grader's whole answer, JSON
    finished_at REAL NOT NULL
) STRICT;
INSERT INTO "results" VALUES(1,'passed',10.0,10.0,'{"exercise": "start.backward-formula", "status": "passed", "score": 10, "max_score": 10, "execution_time": 0.21, "output": "", "message": "All 3 checks passed.", "isolation": {"level": "L3"}, "tests": []}',1767225600.75);
INSERT INTO "results" VALUES(2,'failed',4.0,10.0,'{"exercise": "start.backward-formula", "status": "failed", "score": 4, "max_score": 10, "execution_time": 0.21, "output": "", "message": "2 of 3 checks passed.", "isolation": {"level": "L3"}, "tests": []}',1767225601.5);
INSERT INTO "results" VALUES(3,'grader_error',0.0,0.0,'{"status": "grader_error", "score": 0, "max_score": 0, "execution_time": 0, "output": "", "message": "The grader broke down 4 times on this submission, so it has no score. This does not say that your code is wrong. Submit it again; if it happens again, the service''s log says why.", "isolation": null, "tests": []}',1767225784.0);
CREATE TABLE submissions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,   -- order of arrival
    id TEXT NOT NULL UNIQUE,                    -- public, unguessable
    user TEXT NOT NULL,
    exercise TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    source TEXT NOT NULL,
    submitted_at REAL NOT NULL,                 -- seconds since the epoch, as all times here
    UNIQUE (user, exercise, idempotency_key)
) STRICT;
INSERT INTO "submissions" VALUES(1,'QaIUCjaRTH66Ktqi','local','start.backward-formula','key-1','def f(x):
    return 2 * x  # 漢字
',1767225600.25);
INSERT INTO "submissions" VALUES(2,'d685LWZ95bWnrA-r','local','start.backward-formula','once:d685LWZ95bWnrA-r','def f(x):
    return x
',1767225601.0);
INSERT INTO "submissions" VALUES(3,'eNnAvsVQmksz17CD','local','start.weighted-square','once:eNnAvsVQmksz17CD','import os
',1767225601.75);
INSERT INTO "submissions" VALUES(4,'zIJtEMmW7c_shRE3','local','start.weighted-square','once:zIJtEMmW7c_shRE3','def g(x):
    return x ** 2
',1767225844.25);
INSERT INTO "submissions" VALUES(5,'ug0VElfeQu47Wja3','local','start.weighted-square','once:ug0VElfeQu47Wja3','def g(x):
    return x ** 2 + 0
',1767225844.75);
INSERT INTO "submissions" VALUES(6,'aL6R0BLw7rAv72B-','local','start.backward-formula','key-2','def f(x):
    return x + x
',1767225845.0);
CREATE TABLE workers (
    name TEXT PRIMARY KEY,
    server TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started_at REAL NOT NULL,
    seen_at REAL NOT NULL,
    isolation TEXT NOT NULL
) STRICT;
INSERT INTO "workers" VALUES('b','5d41402abc4b',4711,1767225845.25,1767225845.25,'{"level": "L3", "gaps": []}');
CREATE INDEX submissions_history ON submissions (user, exercise, number);
CREATE INDEX jobs_open ON jobs (state, number) WHERE state <> 'done';
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('submissions',6);
COMMIT;
