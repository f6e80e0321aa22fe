-- Servers of chat: communities with members, channels and messages. `shard` is the one whose owner writes the server.
CREATE TABLE servers (
  id uuid PRIMARY KEY,
  shard smallint NOT NULL,
  name text NOT NULL,
  description text,
  owner_id uuid NOT NULL,
  -- Kept in step with `members` by the transactions that change them.
  member_count integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Set: gone for everybody; what belongs to it is removed piece by piece, and the row last.
  removed_at timestamptz
);
CREATE INDEX servers_removed ON servers (shard) WHERE removed_at IS NOT NULL;

CREATE TABLE members (
  server_id uuid NOT NULL REFERENCES servers,
  user_id uuid NOT NULL,
  -- As of joining: accounts belong to auth, which tells nobody of a new name. Joining again brings it up to date.
  username text NOT NULL,
  joined_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (server_id, user_id)
);
CREATE INDEX members_by_user ON members (user_id, joined_at);

CREATE TABLE bans (
  server_id uuid NOT NULL REFERENCES servers ON DELETE CASCADE,
  user_id uuid NOT NULL,
  banned_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (server_id, user_id)
);

CREATE TABLE channels (
  id uuid PRIMARY KEY,
  server_id uuid NOT NULL REFERENCES servers,
  name text NOT NULL,
  type text NOT NULL CHECK (type IN ('text', 'voice')),
  position integer NOT NULL,
  topic text,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX channels_of_server ON channels (server_id, position, id);

-- Ids are made by the owner of the channel's shard and grow within a channel: their order is that of the listing. No
-- reference to the channel: a channel with millions of messages has to go at once, and these follow in batches.
CREATE TABLE messages (
  id uuid PRIMARY KEY,
  channel_id uuid NOT NULL,
  author_id uuid NOT NULL,
  content text NOT NULL,
  reply_to uuid,
  created_at timestamptz NOT NULL,
  updated_at timestamptz,
  -- Set: deleted. The row stays without its content, so that the channel's newest id is never made a second time.
  removed_at timestamptz
);
CREATE INDEX messages_of_channel ON messages (channel_id, id);

-- Channels that are gone and may still have messages.
CREATE TABLE removed_channels (
  channel_id uuid PRIMARY KEY,
  shard smallint NOT NULL
);
CREATE INDEX removed_channels_by_shard ON removed_channels (shard);
