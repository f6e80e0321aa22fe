-- Who is in which voice channel of chat. A user is in one at a time, which the primary key makes true whoever writes.
-- Times are ms since 1970, by the clock of the shard's owner. Every row carries its user's shard, so that an owner can
-- find what is its own.

CREATE SEQUENCE voice_order;

CREATE TABLE voice_states (
  user_id    uuid     PRIMARY KEY,
  shard      smallint NOT NULL CHECK (shard BETWEEN 0 AND 63),
  username   text     NOT NULL,
  server_id  uuid     NOT NULL,
  channel_id uuid     NOT NULL,
  muted      boolean  NOT NULL,
  deafened   boolean  NOT NULL,
  joined_at  bigint   NOT NULL,
  -- When the user last did something to it: whoever does is there, whatever is said of their connections.
  touched_at bigint   NOT NULL,
  -- Order of joining within the channel, and another number for every write; clocks of replicas do not matter to either.
  place      bigint   NOT NULL,
  revision   bigint   NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX voice_states_channel ON voice_states (channel_id, place);
CREATE INDEX voice_states_server ON voice_states (server_id);
CREATE INDEX voice_states_shard ON voice_states (shard, user_id);
