-- The keys beside names and addresses are what must be unique: folded in the service, so that no collation decides.
CREATE TABLE users (
  id                uuid PRIMARY KEY,
  username          text NOT NULL,
  username_key      text NOT NULL CONSTRAINT users_username_key UNIQUE,
  email             text,
  email_key         text CONSTRAINT users_email_key UNIQUE,
  avatar_url        text,
  password_hash     text NOT NULL,
  -- Counts changes of the password (not new hashes of the same one): a login that checked an older one is refused.
  password_version  integer NOT NULL DEFAULT 1,
  created_at        timestamptz NOT NULL,
  CHECK ((email IS NULL) = (email_key IS NULL))
);

-- One row per password check; every refresh token belongs to one. Revoked rows stay until they would have expired.
CREATE TABLE logins (
  id              uuid PRIMARY KEY,
  user_id         uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  topics          jsonb,
  created_at      timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL,
  revoked_at      timestamptz,
  revoked_reason  text,
  CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL))
);
CREATE INDEX logins_active_of_user ON logins (user_id) WHERE revoked_at IS NULL;
CREATE INDEX logins_expiry ON logins (expires_at);

-- Only hashes. A used token is kept until it expires, since its second use is what gives a thief away.
-- From a used token and its salt, and from nothing less, its successor can be made again.
CREATE TABLE refresh_tokens (
  hash            bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
  login_id        uuid NOT NULL REFERENCES logins ON DELETE CASCADE,
  expires_at      timestamptz NOT NULL,
  used_at         timestamptz,
  successor_salt  bytea,
  successor_hash  bytea,
  CHECK ((used_at IS NULL) = (successor_hash IS NULL) AND (used_at IS NULL) = (successor_salt IS NULL))
);
CREATE INDEX refresh_tokens_of_login ON refresh_tokens (login_id);
CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at);

-- One row per limited account or address that is not back at rest. `key` is a hash: what people type into a login form
-- may be a password. `busy_until` is when the row has no more to say.
CREATE TABLE attempts (
  key         bytea PRIMARY KEY CHECK (octet_length(key) = 32),
  busy_until  timestamptz NOT NULL
);
CREATE INDEX attempts_expiry ON attempts (busy_until);

-- The newest key whose time has come signs; see signing-key.ts for when each is published and forgotten.
CREATE TABLE signing_keys (
  kid          text PRIMARY KEY,
  public_key   jsonb NOT NULL,
  private_key  bytea NOT NULL,
  sealed       boolean NOT NULL,
  signs_from   timestamptz NOT NULL UNIQUE
);
