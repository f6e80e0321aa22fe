-- Documents under operational transformation. Every row carries its room's shard, so that an owner finds what is its own.
-- JSON is kept as text: it is passed on as it was written, and never searched.

CREATE TABLE rooms (
  id text COLLATE "C" PRIMARY KEY,
  shard smallint NOT NULL CHECK (shard BETWEEN 0 AND 63),
  type text NOT NULL,
  public boolean NOT NULL,
  -- Part of the names of its events: a room that is made under the id of a deleted one is another.
  incarnation uuid NOT NULL,
  -- The content as of this version, from which the log goes on.
  snapshot text NOT NULL,
  snapshot_version bigint NOT NULL DEFAULT 1,
  -- Operations up to this one are known to be announced. Written lazily: it may lag behind, never run ahead.
  announced_version bigint NOT NULL DEFAULT 1,
  -- There may be operations that are not.
  unannounced boolean NOT NULL DEFAULT false,
  -- Operations after this version are kept.
  log_start bigint NOT NULL DEFAULT 1,
  last_numeric_id bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  removed_at timestamptz
);

CREATE INDEX rooms_unannounced ON rooms (shard) WHERE unannounced;
CREATE INDEX rooms_removed ON rooms (shard) WHERE removed_at IS NOT NULL;
CREATE INDEX rooms_log ON rooms (shard, (snapshot_version - log_start));

-- The log. Its two keys decide who comes first and that nothing is applied twice, whoever writes.
CREATE TABLE operations (
  room_id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  operation_id text COLLATE "C" NOT NULL,
  user_id uuid NOT NULL,
  connection_id uuid NOT NULL,
  base_version bigint NOT NULL,
  -- First version of the event that announces it.
  batch_version bigint NOT NULL,
  operation text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT operations_in_order PRIMARY KEY (room_id, version),
  CONSTRAINT operations_once UNIQUE (room_id, operation_id)
);

-- 'banned': may not even know of it, though it is public.
CREATE TABLE members (
  room_id text COLLATE "C" NOT NULL,
  user_id uuid NOT NULL,
  role text NOT NULL CHECK (role IN ('owner', 'editor', 'viewer', 'banned')),
  since timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (room_id, user_id)
);

CREATE INDEX members_user ON members (user_id, since DESC, room_id DESC);

-- A user's number in a room stays theirs.
CREATE TABLE numeric_ids (
  room_id text COLLATE "C" NOT NULL,
  user_id uuid NOT NULL,
  numeric_id bigint NOT NULL,
  PRIMARY KEY (room_id, user_id)
);

CREATE TABLE participants (
  room_id text COLLATE "C" NOT NULL,
  connection_id uuid NOT NULL,
  shard smallint NOT NULL,
  gateway_id uuid NOT NULL,
  user_id uuid NOT NULL,
  username text NOT NULL,
  numeric_id bigint NOT NULL,
  role text NOT NULL,
  since timestamptz NOT NULL DEFAULT now(),
  -- Gone without a word, and may come back.
  lost_at timestamptz,
  PRIMARY KEY (room_id, connection_id)
);

CREATE INDEX participants_shard ON participants (shard);
CREATE INDEX participants_user ON participants (user_id, room_id) WHERE lost_at IS NULL;
