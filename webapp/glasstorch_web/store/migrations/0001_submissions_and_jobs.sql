-- A submission is what somebody handed in; it never changes. Its job is where its grading stands.
-- Both rows are written in one transaction, so neither exists without the other.

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

CREATE INDEX submissions_history ON submissions (user, exercise, number);

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

CREATE INDEX jobs_open ON jobs (state, number) WHERE state <> 'done';

CREATE TABLE results (
    number INTEGER PRIMARY KEY REFERENCES submissions (number),   -- so one result per submission, always
    status TEXT NOT NULL,
    score REAL NOT NULL,
    max_score REAL NOT NULL,
    result TEXT NOT NULL,                       -- the grader's whole answer, JSON
    finished_at REAL NOT NULL
) STRICT;

-- Worker processes alive now, with the isolation each one measured for itself when it started.
CREATE TABLE workers (
    name TEXT PRIMARY KEY,
    server TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started_at REAL NOT NULL,
    seen_at REAL NOT NULL,
    isolation TEXT NOT NULL
) STRICT;

-- Small facts about this store, such as the secret that page forms carry.
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
