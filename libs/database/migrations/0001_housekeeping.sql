-- Events that were committed with the data they announce and wait to be published. Nearly always empty.
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- NULL: of no shard; any replica may publish it.
  shard smallint,
  subject text NOT NULL,
  data bytea NOT NULL,
  message_id text NOT NULL,
  traceparent text,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_by_shard ON outbox (shard, id);

-- Who owns which shard. The epoch counts owners: a row that still has our name and epoch has had no other owner since.
-- Rows are rewritten every two seconds; the free space on each page keeps that within the page.
CREATE TABLE shard_leases (
  shard smallint PRIMARY KEY,
  owner text,
  epoch bigint NOT NULL DEFAULT 0,
  expires_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 40);
INSERT INTO shard_leases (shard) SELECT generate_series(0, 63);

-- Replicas that take part in the sharing.
CREATE TABLE shard_members (
  owner text PRIMARY KEY,
  expires_at timestamptz NOT NULL
) WITH (fillfactor = 40);
