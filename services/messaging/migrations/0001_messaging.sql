-- Direct messages on their way. A row is written before anything is sent, and goes away once its message was written to a
-- connection or has expired. One identity for all recipients: positions of a recipient only have to grow.
CREATE TABLE direct_messages (
  recipient uuid NOT NULL,
  position bigint GENERATED ALWAYS AS IDENTITY,
  shard smallint NOT NULL,
  message_id uuid NOT NULL,
  -- What the recipient gets beside the payload. json, not jsonb: passed on as it was given.
  head json NOT NULL,
  payload bytea NOT NULL,
  -- Bytes that the message takes in a reply.
  size integer NOT NULL,
  stored_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  -- Gateways were told that it waits. Until then its owner, or the next one, still has to.
  announced boolean NOT NULL DEFAULT false,
  -- The connection that it was given to and that has not confirmed yet.
  claimed_by uuid,
  claimed_gateway uuid,
  claimed_until timestamptz,
  PRIMARY KEY (recipient, position)
);

CREATE INDEX direct_messages_unannounced ON direct_messages (shard) WHERE NOT announced;
CREATE INDEX direct_messages_claimed ON direct_messages (shard, claimed_until) WHERE claimed_until IS NOT NULL;
CREATE INDEX direct_messages_expiry ON direct_messages (shard, expires_at);

-- What was answered to a send with an idempotency key; kept for two minutes.
CREATE TABLE direct_sends (
  recipient uuid NOT NULL,
  sender uuid NOT NULL,
  -- Bytes, since keys may hold what text may not.
  idempotency_key bytea NOT NULL,
  shard smallint NOT NULL,
  message_id uuid NOT NULL,
  delivered_to json NOT NULL DEFAULT '[]',
  stored_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (recipient, sender, idempotency_key)
);

CREATE INDEX direct_sends_age ON direct_sends (shard, stored_at);
