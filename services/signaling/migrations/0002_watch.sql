-- Devices, whom they are shared with, and who watches or watched them. Times are ms since 1970, by the clock of the shard's
-- owner. Everything about a device lies in the device's shard; session ids are made so that theirs is the same.

CREATE TABLE devices (
  device_id     text     PRIMARY KEY,
  shard         smallint NOT NULL CHECK (shard BETWEEN 0 AND 63),
  owner_id      uuid     NOT NULL,
  name          text     NOT NULL,
  -- SHA-256 of its key; null: its id is enough.
  key_hash      bytea,
  -- Its own id where a user's is wanted.
  principal_id  uuid     NOT NULL,
  created_at    bigint   NOT NULL,
  -- The connection that it is reached by; null when there is none, since lost_at if there ever was one.
  connection_id uuid,
  gateway_id    uuid,
  connected_at  bigint,
  lost_at       bigint,
  last_seen_at  bigint,
  -- What it last said of itself.
  presence      jsonb,
  -- The connection that was lost with its gateway, while it is not sure that it is gone: gateways may only be cut off.
  doubted_connection_id uuid,
  doubted_gateway_id    uuid
) WITH (fillfactor = 80);

CREATE INDEX devices_owner ON devices (owner_id, device_id);
CREATE INDEX devices_connected ON devices (shard, device_id) WHERE connection_id IS NOT NULL;
CREATE INDEX devices_doubted ON devices (shard, device_id) WHERE doubted_connection_id IS NOT NULL;
CREATE INDEX devices_gateway ON devices (gateway_id) WHERE gateway_id IS NOT NULL;

CREATE TABLE device_viewers (
  device_id text   NOT NULL REFERENCES devices ON DELETE CASCADE,
  user_id   uuid   NOT NULL,
  shared_at bigint NOT NULL,
  PRIMARY KEY (device_id, user_id)
);

CREATE INDEX device_viewers_user ON device_viewers (user_id, device_id);

-- Rows outlive their device: they are the history of who watched what.
CREATE TABLE watch_sessions (
  session_id    uuid     PRIMARY KEY,
  shard         smallint NOT NULL CHECK (shard BETWEEN 0 AND 63),
  device_id     text     NOT NULL,
  owner_id      uuid     NOT NULL,
  user_id       uuid     NOT NULL,
  -- The connection of its viewer; null while it is lost, since lost_at, and in the end.
  connection_id uuid,
  gateway_id    uuid,
  connected_at  bigint   NOT NULL,
  lost_at       bigint,
  started_at    bigint   NOT NULL,
  offered_at    bigint,
  answered_at   bigint,
  ended_at      bigint,
  reason        text,
  CHECK ((ended_at IS NULL) = (reason IS NULL))
) WITH (fillfactor = 80);

CREATE INDEX watch_sessions_live ON watch_sessions (shard, session_id) WHERE ended_at IS NULL;
CREATE INDEX watch_sessions_live_device ON watch_sessions (device_id) WHERE ended_at IS NULL;
CREATE INDEX watch_sessions_live_user ON watch_sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX watch_sessions_gateway ON watch_sessions (gateway_id) WHERE gateway_id IS NOT NULL;
CREATE INDEX watch_sessions_user ON watch_sessions (user_id, session_id);
CREATE INDEX watch_sessions_owner ON watch_sessions (owner_id, session_id);
CREATE INDEX watch_sessions_device_ended ON watch_sessions (device_id, ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX watch_sessions_ended ON watch_sessions (ended_at) WHERE ended_at IS NOT NULL;

-- Signals on their way to a party that is lost, or that come before the SDP that they belong to.
CREATE SEQUENCE held_signal_order;

CREATE TABLE held_signals (
  session_id uuid   NOT NULL REFERENCES watch_sessions ON DELETE CASCADE,
  to_role    text   NOT NULL CHECK (to_role IN ('device', 'viewer')),
  -- 0: the first SDP, which goes before the candidates that came before it.
  place      bigint NOT NULL,
  type       text   NOT NULL CHECK (type IN ('offer', 'answer', 'ice')),
  body       bytea  NOT NULL,
  PRIMARY KEY (session_id, to_role, place)
);
