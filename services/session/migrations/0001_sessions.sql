-- Parties and who has a place in them. Times are ms since 1970, by the clock of the shard's owner. Every row carries its
-- session's shard, so that an owner can find what is its own.

CREATE TABLE sessions (
  session_id      uuid     PRIMARY KEY,
  shard           smallint NOT NULL CHECK (shard BETWEEN 0 AND 63),
  name            text     NOT NULL,
  max_members     integer  NOT NULL CHECK (max_members > 0),
  -- SHA-256 of the token, which is long and random, so that no slower hash is needed.
  host_token_hash bytea    NOT NULL CHECK (octet_length(host_token_hash) = 32),
  -- Who the host is or will be.
  host_member_id  uuid     NOT NULL,
  -- The account that made it, if one did; and whose limit it counts against.
  user_id         uuid,
  maker           text     NOT NULL,
  created_at      bigint   NOT NULL,
  -- When somebody last came, went, was lost or returned.
  touched_at      bigint   NOT NULL,
  -- Somebody's connection status has changed since its members were last told.
  untold          boolean  NOT NULL DEFAULT false
) WITH (fillfactor = 80);

CREATE INDEX sessions_maker ON sessions (maker);
CREATE INDEX sessions_touched ON sessions (shard, touched_at);
CREATE INDEX sessions_untold ON sessions (shard) WHERE untold;

CREATE TABLE members (
  member_id     uuid     PRIMARY KEY,
  session_id    uuid     NOT NULL REFERENCES sessions ON DELETE CASCADE,
  shard         smallint NOT NULL CHECK (shard BETWEEN 0 AND 63),
  device_id     text     NOT NULL,
  name          text     NOT NULL,
  is_host       boolean  NOT NULL,
  joined_at     bigint   NOT NULL,
  -- The account whose place it is; null for guests.
  account_id    uuid,
  status        text     NOT NULL CHECK (status IN ('connected', 'reconnecting', 'disconnected')),
  -- The connection, whom it is logged in as, and since when it is this one. A lost place has none.
  connection_id uuid,
  gateway_id    uuid,
  login_user_id uuid,
  connected_at  bigint,
  lost_at       bigint,
  UNIQUE (session_id, device_id),
  CHECK ((status = 'connected') = (connection_id IS NOT NULL)),
  CHECK ((connection_id IS NULL) = (gateway_id IS NULL)),
  CHECK ((connection_id IS NULL) = (login_user_id IS NULL)),
  CHECK ((connection_id IS NULL) = (connected_at IS NULL)),
  CHECK ((connection_id IS NULL) = (lost_at IS NOT NULL))
) WITH (fillfactor = 80);

CREATE UNIQUE INDEX members_host ON members (session_id) WHERE is_host;
CREATE INDEX members_gateway ON members (gateway_id, shard) WHERE gateway_id IS NOT NULL;
CREATE INDEX members_lost ON members (shard, lost_at) WHERE lost_at IS NOT NULL;
CREATE INDEX members_shard ON members (shard, member_id);
