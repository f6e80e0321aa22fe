-- Times are ms since 1970, by the clock of the shard's owner. Every row carries its user's shard, so that an owner can
-- find what is its own, and a row that falls due outlives whoever wrote it.

CREATE TABLE users (
  user_id     uuid     PRIMARY KEY,
  shard       smallint NOT NULL CHECK (shard BETWEEN 0 AND 63),
  chosen      text     NOT NULL CHECK (chosen IN ('online', 'idle', 'dnd', 'offline')),
  -- JSON as it was given; text, since jsonb refuses some valid strings and loses the order of keys.
  metadata    text     NOT NULL DEFAULT '{}',
  visible     text     NOT NULL CHECK (visible IN ('online', 'idle', 'dnd', 'offline')),
  grace_until bigint,
  last_seen   bigint   NOT NULL,
  -- Nobody waits to be announced as gone who is seen as gone already.
  CHECK (grace_until IS NULL OR visible <> 'offline')
) WITH (fillfactor = 80);

CREATE INDEX users_grace ON users (shard, grace_until) WHERE grace_until IS NOT NULL;
CREATE INDEX users_online ON users (user_id) WHERE visible <> 'offline';
CREATE INDEX users_online_by_shard ON users (shard) WHERE visible <> 'offline';

CREATE TABLE connections (
  connection_id uuid     PRIMARY KEY,
  user_id       uuid     NOT NULL,
  shard         smallint NOT NULL CHECK (shard BETWEEN 0 AND 63),
  gateway_id    uuid     NOT NULL,
  login_id      uuid     NOT NULL,
  dialect       text     NOT NULL,
  address       text     NOT NULL,
  connected_at  bigint   NOT NULL
);

CREATE INDEX connections_user ON connections (user_id, dialect);
CREATE INDEX connections_gateway ON connections (gateway_id, shard);
CREATE INDEX connections_shard ON connections (shard);
