/** The database before peers had a reply mode, written out here: files of it are on people's machines and never change. */
export const SCHEMA_5 = `
CREATE TABLE peers (
  name TEXT PRIMARY KEY,
  node_id TEXT NOT NULL,
  login TEXT NOT NULL,
  token_digest TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  outbound_token BLOB,
  created_at INTEGER NOT NULL
  , expires_at INTEGER, overlap_digest TEXT, overlap_until INTEGER, untold_token BLOB) STRICT;

CREATE TABLE credentials (
  name TEXT PRIMARY KEY,
  sealed BLOB NOT NULL
  ) STRICT;

CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  peer TEXT NOT NULL REFERENCES peers (name),
  alias TEXT NOT NULL,
  conversation TEXT NOT NULL,
  text TEXT NOT NULL,
  hop INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  next_attempt_at INTEGER NOT NULL,
  task_id TEXT,
  reply TEXT,
  reason TEXT,
  detail TEXT
  , content TEXT, reply_session TEXT, hold TEXT, hold_until INTEGER, peer_hold TEXT, released INTEGER NOT NULL DEFAULT 0, erased_at INTEGER, is_first INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE inbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id TEXT NOT NULL UNIQUE,
  peer TEXT NOT NULL REFERENCES peers (name),
  message_id TEXT NOT NULL,
  content_digest TEXT NOT NULL,
  alias TEXT NOT NULL,
  session_key TEXT NOT NULL,
  conversation TEXT NOT NULL,
  text TEXT NOT NULL,
  hop INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  turn_key TEXT NOT NULL UNIQUE,
  reply TEXT,
  detail TEXT, origin TEXT NOT NULL DEFAULT 'peer', content TEXT, hold TEXT, hold_until INTEGER, released INTEGER NOT NULL DEFAULT 0, note TEXT, fetched_at INTEGER, erased_at INTEGER,
  UNIQUE (peer, message_id)
  ) STRICT;

CREATE TABLE "grants" (
  direction TEXT NOT NULL,
  peer TEXT NOT NULL REFERENCES peers (name),
  alias TEXT NOT NULL,
  session_key TEXT,
  operations TEXT,
  sends_per_minute INTEGER,
  hold TEXT NOT NULL,
  expires_at INTEGER,
  created_at INTEGER NOT NULL, reply_session TEXT,
  PRIMARY KEY (direction, peer, alias)
  ) STRICT;

CREATE TABLE clock (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  latest INTEGER NOT NULL
  ) STRICT;

CREATE TABLE invites (
  id TEXT PRIMARY KEY,
  peer TEXT NOT NULL,
  secret_digest TEXT NOT NULL UNIQUE,
  node_id TEXT,
  claimed_by TEXT,
  cancelled INTEGER NOT NULL DEFAULT 0,
  confirmed INTEGER NOT NULL,
  grants TEXT NOT NULL,
  hold TEXT NOT NULL,
  peer_expires_at INTEGER,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
  ) STRICT;

CREATE TABLE pairings (
  peer TEXT PRIMARY KEY REFERENCES peers (name),
  secret BLOB,
  hold TEXT NOT NULL,
  own_confirmed INTEGER NOT NULL,
  other_confirmed INTEGER NOT NULL,
  other_ready INTEGER NOT NULL,
  offered TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
  ) STRICT;

CREATE TABLE restores (
  restored_at INTEGER NOT NULL,
  taken_at INTEGER NOT NULL
  ) STRICT;

CREATE TABLE stack (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  paused INTEGER NOT NULL
  ) STRICT;

CREATE TABLE notices (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  peer TEXT,
  text TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  told_at INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at INTEGER,
  session_at INTEGER,
  over_at INTEGER
  ) STRICT;

CREATE INDEX outbox_in_order ON outbox (peer, conversation, seq) WHERE state = 'queued';

CREATE INDEX outbox_queued_next ON outbox (peer, next_attempt_at) WHERE state = 'queued';

CREATE INDEX outbox_queued_end ON outbox (peer, expires_at) WHERE state = 'queued';

CREATE INDEX outbox_accepted_next ON outbox (peer, next_attempt_at) WHERE state = 'accepted';

CREATE INDEX inbox_open ON inbox (session_key, seq) WHERE state IN ('accepted', 'running');

CREATE INDEX inbox_waiting ON inbox (expires_at) WHERE state = 'accepted';

CREATE INDEX inbox_recent ON inbox (created_at, peer, alias);

CREATE INDEX outbox_first_next ON outbox (peer, next_attempt_at) WHERE state = 'queued' AND is_first = 1;

CREATE INDEX outbox_held ON outbox (hold_until) WHERE state IN ('held', 'reply-held');

CREATE INDEX outbox_recent ON outbox (peer, created_at);

CREATE INDEX outbox_conversation ON outbox (conversation);

CREATE INDEX outbox_old ON outbox (updated_at) WHERE erased_at IS NULL;

CREATE INDEX outbox_erased ON outbox (erased_at) WHERE erased_at IS NOT NULL;

CREATE INDEX inbox_held ON inbox (hold_until) WHERE state IN ('held', 'reply-held');

CREATE INDEX inbox_conversation ON inbox (conversation);

CREATE INDEX inbox_ended ON inbox (updated_at);

CREATE INDEX inbox_old ON inbox (updated_at) WHERE erased_at IS NULL;

CREATE INDEX inbox_erased ON inbox (erased_at) WHERE erased_at IS NOT NULL;

CREATE UNIQUE INDEX notices_open ON notices (kind, subject) WHERE over_at IS NULL;

CREATE TRIGGER outbox_keeps_its_peer
  BEFORE UPDATE OF peer ON outbox WHEN EXISTS (SELECT 1 FROM peers WHERE name = OLD.peer)
  BEGIN SELECT RAISE(ABORT, 'an outbox message never changes'); END;

CREATE TRIGGER inbox_keeps_its_peer
  BEFORE UPDATE OF peer ON inbox WHEN EXISTS (SELECT 1 FROM peers WHERE name = OLD.peer)
  BEGIN SELECT RAISE(ABORT, 'an inbox message never changes'); END;

CREATE TRIGGER outbox_first_of_new AFTER INSERT ON outbox WHEN NEW.state = 'queued'
  BEGIN
  UPDATE outbox SET is_first = 1 WHERE seq = NEW.seq AND NOT EXISTS (SELECT 1 FROM outbox AS earlier
  WHERE earlier.state = 'queued' AND earlier.peer = NEW.peer AND earlier.conversation = NEW.conversation
  AND earlier.seq < NEW.seq);
  END;

CREATE TRIGGER outbox_first_of_rest AFTER UPDATE OF state ON outbox
  WHEN OLD.state = 'queued' AND NEW.state <> 'queued'
  BEGIN
  UPDATE outbox SET is_first = 1 WHERE seq = (SELECT min(seq) FROM outbox AS first
  WHERE first.state = 'queued' AND first.peer = NEW.peer AND first.conversation = NEW.conversation);
  END;

CREATE TRIGGER outbox_first_of_approved AFTER UPDATE OF state ON outbox
  WHEN OLD.state <> 'queued' AND NEW.state = 'queued'
  BEGIN
  UPDATE outbox SET is_first = 0 WHERE state = 'queued' AND peer = NEW.peer AND conversation = NEW.conversation;
  UPDATE outbox SET is_first = 1 WHERE seq = (SELECT min(seq) FROM outbox AS first
  WHERE first.state = 'queued' AND first.peer = NEW.peer AND first.conversation = NEW.conversation);
  END;

CREATE TRIGGER outbox_is_written_once
  BEFORE UPDATE OF id, alias, conversation, text, content, hop, created_at, expires_at, reply_session ON outbox
  WHEN OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL
  BEGIN SELECT RAISE(ABORT, 'an outbox message never changes'); END;

CREATE TRIGGER inbox_is_written_once
  BEFORE UPDATE OF task_id, message_id, content_digest, alias, session_key, conversation, text, content, hop, created_at,
  expires_at, turn_key, origin ON inbox
  WHEN OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL
  BEGIN SELECT RAISE(ABORT, 'an inbox message never changes'); END;

INSERT INTO clock (id, latest) VALUES (1, 0);
INSERT INTO stack (id, paused) VALUES (1, 0);
PRAGMA user_version = 5;
`;
