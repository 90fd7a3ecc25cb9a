-- What the store is. Keys: recipe, recipeFile, assignmentKey (commitment), epoch, suspended.
CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Where every retained item lives. subject is NULL where it is the id itself. Without a rowid, so that rows lie in id order.
CREATE TABLE item (
  id      TEXT PRIMARY KEY,
  subject TEXT,
  shard   INTEGER NOT NULL,
  slice   INTEGER NOT NULL,
  risk    TEXT
) STRICT, WITHOUT ROWID;

-- Every slice of the ensemble, also empty ones (file is NULL).
CREATE TABLE slice (
  shard INTEGER NOT NULL,
  slice INTEGER NOT NULL,
  file  TEXT,
  root  BLOB NOT NULL,
  items INTEGER NOT NULL,
  PRIMARY KEY (shard, slice)
) STRICT, WITHOUT ROWID;

CREATE TABLE environment (
  digest TEXT PRIMARY KEY,
  json   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Every checkpoint file that recovery must keep. Which of them is current follows from the lineage.
CREATE TABLE checkpoint (
  digest      TEXT PRIMARY KEY,
  shard       INTEGER NOT NULL,
  stage       INTEGER NOT NULL,
  file        TEXT NOT NULL,
  tensors     TEXT NOT NULL,
  lineage     TEXT NOT NULL,
  recipe      TEXT NOT NULL,
  environment TEXT NOT NULL REFERENCES environment (digest),
  items       INTEGER NOT NULL,
  bytes       INTEGER NOT NULL,
  visits      INTEGER NOT NULL,
  seconds     REAL NOT NULL,
  loss        REAL
) STRICT, WITHOUT ROWID;
CREATE INDEX checkpoint_by_stage ON checkpoint (shard, stage);

-- What is served now: per shard one checkpoint, or NULL where the shard is left out.
CREATE TABLE bundle (
  shard      INTEGER PRIMARY KEY,
  checkpoint TEXT REFERENCES checkpoint (digest)
) STRICT;

-- Requests to forget. content is a keyed hash of what was asked, by which a repetition is known; summary is JSON without ids: counts, predicted and measured cost.
CREATE TABLE request (
  number    INTEGER PRIMARY KEY AUTOINCREMENT,
  id        TEXT NOT NULL UNIQUE,
  state     TEXT NOT NULL,
  reason    TEXT NOT NULL,
  policy    TEXT NOT NULL,
  received  TEXT NOT NULL,
  due       TEXT NOT NULL,
  waits     TEXT,
  completed TEXT,
  epoch     INTEGER,
  content   BLOB NOT NULL,
  summary   TEXT NOT NULL
) STRICT;

-- What pending requests name. Rows go when their request is purged (rule E9).
CREATE TABLE target (
  request   INTEGER NOT NULL REFERENCES request (number),
  item      TEXT NOT NULL,
  subject   TEXT,
  shard     INTEGER NOT NULL,
  slice     INTEGER NOT NULL,
  span_from INTEGER,
  span_to   INTEGER,
  applied   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX target_by_place ON target (shard, slice);
CREATE INDEX target_by_request ON target (request);

-- What a request named, as a certificate may say it: HMAC-SHA256 with a nonce of its own, which follows from a code that the requester alone has.
CREATE TABLE commitment (
  request INTEGER NOT NULL REFERENCES request (number),
  value   BLOB NOT NULL,
  PRIMARY KEY (request, value)
) STRICT, WITHOUT ROWID;

-- Signed statements, as JSON of their envelopes.
CREATE TABLE certificate (
  request  INTEGER NOT NULL REFERENCES request (number),
  form     TEXT NOT NULL,
  envelope TEXT NOT NULL,
  PRIMARY KEY (request, form)
) STRICT, WITHOUT ROWID;

-- The evidence log, entry by entry from 0; the file evidence/log.jsonl holds the same lines.
CREATE TABLE log_entry (
  number INTEGER PRIMARY KEY,
  line   TEXT NOT NULL
) STRICT;

-- That an id or a subject was forgotten: a keyed hash, never the id (rule E9).
CREATE TABLE tombstone (
  mark    BLOB PRIMARY KEY,
  kind    TEXT NOT NULL,
  request INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Ranges cut out of retained items, half-open, in code points of the text as first ingested.
CREATE TABLE cut (
  item      TEXT NOT NULL,
  span_from INTEGER NOT NULL,
  span_to   INTEGER NOT NULL,
  PRIMARY KEY (item, span_from)
) STRICT, WITHOUT ROWID;

-- Files and folders under the store that nothing refers to any more.
CREATE TABLE garbage (
  path TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Copies handed out, for recall.
CREATE TABLE export (
  number  INTEGER PRIMARY KEY AUTOINCREMENT,
  path    TEXT NOT NULL,
  epoch   INTEGER NOT NULL,
  created TEXT NOT NULL,
  recall  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE export_shard (
  export INTEGER NOT NULL REFERENCES export (number),
  shard  INTEGER NOT NULL,
  stage  INTEGER NOT NULL,
  PRIMARY KEY (export, shard)
) STRICT, WITHOUT ROWID;

-- Forgotten ids that were taken back on purpose.
CREATE TABLE readmission (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  mark   BLOB NOT NULL,
  at     TEXT NOT NULL
) STRICT;
