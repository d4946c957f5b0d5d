import type { Database } from './database.ts';
import { storageUnavailable } from './storage-errors.ts';

/**
 * Step n takes a database of schema n to schema n + 1. A step that was released is never changed: a change of the
 * schema is a new step at the end.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE peers (
    name TEXT PRIMARY KEY,
    node_id TEXT NOT NULL,
    login TEXT NOT NULL,
    token_digest TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    outbound_token BLOB,
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE grants (
    peer TEXT NOT NULL REFERENCES peers (name),
    alias TEXT NOT NULL,
    session_key TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (peer, alias)
  ) STRICT;

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
  ) STRICT;
  CREATE INDEX outbox_in_order ON outbox (peer, conversation, seq) WHERE state = 'queued';
  CREATE INDEX outbox_queued_next ON outbox (peer, next_attempt_at) WHERE state = 'queued';
  CREATE INDEX outbox_queued_end ON outbox (peer, expires_at) WHERE state = 'queued';
  CREATE INDEX outbox_accepted_next ON outbox (peer, next_attempt_at) WHERE state = 'accepted';
  CREATE TRIGGER outbox_is_written_once
    BEFORE UPDATE OF id, peer, alias, conversation, text, hop, created_at, expires_at ON outbox
    BEGIN SELECT RAISE(ABORT, 'an outbox message never changes'); END;

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
    detail TEXT,
    UNIQUE (peer, message_id)
  ) STRICT;
  CREATE INDEX inbox_open ON inbox (session_key, seq) WHERE state IN ('accepted', 'running');
  CREATE INDEX inbox_waiting ON inbox (expires_at) WHERE state = 'accepted';
  CREATE TRIGGER inbox_is_written_once
    BEFORE UPDATE OF task_id, peer, message_id, content_digest, alias, session_key, conversation, text, hop, created_at,
      expires_at, turn_key ON inbox
    BEGIN SELECT RAISE(ABORT, 'an inbox message never changes'); END;
  `,
  `
  ALTER TABLE peers ADD COLUMN expires_at INTEGER;

  CREATE TABLE grants_2 (
    direction TEXT NOT NULL,
    peer TEXT NOT NULL REFERENCES peers (name),
    alias TEXT NOT NULL,
    session_key TEXT,
    operations TEXT,
    sends_per_minute INTEGER,
    hold TEXT NOT NULL,
    expires_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (direction, peer, alias)
  ) STRICT;
  INSERT INTO grants_2 (direction, peer, alias, session_key, operations, hold, created_at)
    SELECT 'inbound', peer, alias, session_key, 'message-send task-read task-cancel', 'none', created_at FROM grants;
  INSERT INTO grants_2 (direction, peer, alias, hold, created_at)
    SELECT 'outbound', name, 'any', 'none', created_at FROM peers WHERE outbound_token IS NOT NULL;
  DROP TABLE grants;
  ALTER TABLE grants_2 RENAME TO grants;

  CREATE INDEX inbox_recent ON inbox (created_at, peer, alias);

  CREATE TABLE clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    latest INTEGER NOT NULL
  ) STRICT;
  INSERT INTO clock (id, latest) VALUES (1, 0);
  `,
  `
  ALTER TABLE peers ADD COLUMN overlap_digest TEXT;
  ALTER TABLE peers ADD COLUMN overlap_until INTEGER;
  ALTER TABLE peers ADD COLUMN untold_token BLOB;

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

  -- A message belongs to its peer for ever, whatever that is called: its name may change when the old one is nobody's.
  DROP TRIGGER outbox_is_written_once;
  CREATE TRIGGER outbox_is_written_once
    BEFORE UPDATE OF id, alias, conversation, text, hop, created_at, expires_at ON outbox
    BEGIN SELECT RAISE(ABORT, 'an outbox message never changes'); END;
  CREATE TRIGGER outbox_keeps_its_peer
    BEFORE UPDATE OF peer ON outbox WHEN EXISTS (SELECT 1 FROM peers WHERE name = OLD.peer)
    BEGIN SELECT RAISE(ABORT, 'an outbox message never changes'); END;
  DROP TRIGGER inbox_is_written_once;
  CREATE TRIGGER inbox_is_written_once
    BEFORE UPDATE OF task_id, message_id, content_digest, alias, session_key, conversation, text, hop, created_at,
      expires_at, turn_key ON inbox
    BEGIN SELECT RAISE(ABORT, 'an inbox message never changes'); END;
  CREATE TRIGGER inbox_keeps_its_peer
    BEFORE UPDATE OF peer ON inbox WHEN EXISTS (SELECT 1 FROM peers WHERE name = OLD.peer)
    BEGIN SELECT RAISE(ABORT, 'an inbox message never changes'); END;
  `,
  `
  CREATE TABLE restores (
    restored_at INTEGER NOT NULL,
    taken_at INTEGER NOT NULL
  ) STRICT;
  `,
  `
  ALTER TABLE outbox ADD COLUMN content TEXT;
  ALTER TABLE outbox ADD COLUMN reply_session TEXT;
  ALTER TABLE outbox ADD COLUMN hold TEXT;
  ALTER TABLE outbox ADD COLUMN hold_until INTEGER;
  ALTER TABLE outbox ADD COLUMN peer_hold TEXT;
  ALTER TABLE outbox ADD COLUMN released INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE outbox ADD COLUMN erased_at INTEGER;

  -- The first queued one of its conversation. Kept by the database itself, whoever changes a state: to look for it among
  -- all that wait would take a time that grows with their number, at every attempt.
  ALTER TABLE outbox ADD COLUMN is_first INTEGER NOT NULL DEFAULT 0;
  UPDATE outbox SET is_first = 1 WHERE state = 'queued' AND NOT EXISTS (SELECT 1 FROM outbox AS earlier
    WHERE earlier.state = 'queued' AND earlier.peer = outbox.peer AND earlier.conversation = outbox.conversation
      AND earlier.seq < outbox.seq);
  CREATE INDEX outbox_first_next ON outbox (peer, next_attempt_at) WHERE state = 'queued' AND is_first = 1;
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
  CREATE INDEX outbox_held ON outbox (hold_until) WHERE state IN ('held', 'reply-held');
  CREATE INDEX outbox_recent ON outbox (peer, created_at);
  CREATE INDEX outbox_conversation ON outbox (conversation);
  CREATE INDEX outbox_old ON outbox (updated_at) WHERE erased_at IS NULL;
  CREATE INDEX outbox_erased ON outbox (erased_at) WHERE erased_at IS NOT NULL;

  ALTER TABLE inbox ADD COLUMN origin TEXT NOT NULL DEFAULT 'peer';
  ALTER TABLE inbox ADD COLUMN content TEXT;
  ALTER TABLE inbox ADD COLUMN hold TEXT;
  ALTER TABLE inbox ADD COLUMN hold_until INTEGER;
  ALTER TABLE inbox ADD COLUMN released INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE inbox ADD COLUMN note TEXT;
  ALTER TABLE inbox ADD COLUMN fetched_at INTEGER;
  ALTER TABLE inbox ADD COLUMN erased_at INTEGER;
  CREATE INDEX inbox_held ON inbox (hold_until) WHERE state IN ('held', 'reply-held');
  CREATE INDEX inbox_conversation ON inbox (conversation);
  CREATE INDEX inbox_ended ON inbox (updated_at);
  CREATE INDEX inbox_old ON inbox (updated_at) WHERE erased_at IS NULL;
  CREATE INDEX inbox_erased ON inbox (erased_at) WHERE erased_at IS NOT NULL;

  -- What was said is never changed; when it is old enough it is erased, once, and the row stays so that nothing is taken
  -- for new that was there before.
  DROP TRIGGER outbox_is_written_once;
  CREATE TRIGGER outbox_is_written_once
    BEFORE UPDATE OF id, alias, conversation, text, content, hop, created_at, expires_at, reply_session ON outbox
    WHEN OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL
    BEGIN SELECT RAISE(ABORT, 'an outbox message never changes'); END;
  DROP TRIGGER inbox_is_written_once;
  CREATE TRIGGER inbox_is_written_once
    BEFORE UPDATE OF task_id, message_id, content_digest, alias, session_key, conversation, text, content, hop, created_at,
      expires_at, turn_key, origin ON inbox
    WHEN OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL
    BEGIN SELECT RAISE(ABORT, 'an inbox message never changes'); END;

  ALTER TABLE grants ADD COLUMN reply_session TEXT;

  CREATE TABLE stack (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    paused INTEGER NOT NULL
  ) STRICT;
  INSERT INTO stack (id, paused) VALUES (1, 0);

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
  CREATE UNIQUE INDEX notices_open ON notices (kind, subject) WHERE over_at IS NULL;
  `,
  `
  ALTER TABLE peers ADD COLUMN reply_mode TEXT NOT NULL DEFAULT 'task';
  ALTER TABLE peers ADD COLUMN port INTEGER;

  -- The task whose reply this message is. The database itself keeps a reply from being sent twice.
  ALTER TABLE outbox ADD COLUMN in_reply_to TEXT;
  CREATE UNIQUE INDEX outbox_reply ON outbox (in_reply_to) WHERE in_reply_to IS NOT NULL;
  -- When it was last offered to a peer that cannot tell a repetition from a new message.
  ALTER TABLE outbox ADD COLUMN offered_at INTEGER;
  DROP TRIGGER outbox_is_written_once;
  CREATE TRIGGER outbox_is_written_once
    BEFORE UPDATE OF id, alias, conversation, text, content, hop, created_at, expires_at, reply_session, in_reply_to ON outbox
    WHEN OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL
    BEGIN SELECT RAISE(ABORT, 'an outbox message never changes'); END;

  -- The id that a local client gave it, and what it said under it: a request that comes again is then known, also after
  -- what was said is erased.
  ALTER TABLE outbox ADD COLUMN client_id TEXT;
  ALTER TABLE outbox ADD COLUMN client_digest TEXT;
  CREATE UNIQUE INDEX outbox_client ON outbox (peer, client_id) WHERE client_id IS NOT NULL;
  CREATE TRIGGER outbox_keeps_its_client BEFORE UPDATE OF client_id, client_digest ON outbox
    BEGIN SELECT RAISE(ABORT, 'an outbox message never changes'); END;
  `,
];

/** The schema that this program writes. */
export const SCHEMA = MIGRATIONS.length;

/** 0 for a file in which there is nothing yet. */
export function schemaOf(db: Database): number {
  return db.prepare<{ user_version: number }>('PRAGMA user_version').get()?.user_version ?? 0;
}

/** Brings the database to this program's schema, each step whole or not at all. A newer one is refused untouched. */
export function migrate(db: Database, steps: readonly string[] = MIGRATIONS): void {
  const version = schemaOf(db);
  if (version > steps.length) {
    const what = `${db.file} has schema ${version}, newer than the ${steps.length} that this version of agent-peer knows`;
    throw storageUnavailable(what, 'Run the version that wrote it, or a later one');
  }
  for (const [index, step] of steps.entries()) {
    if (index >= version) db.transaction(() => db.exec(`${step}; PRAGMA user_version = ${index + 1}`));
  }
}
