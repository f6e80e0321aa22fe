-- When the latest of a user's connections of a dialect ended (ms since 1970), kept also while others are open. For those of
-- a gateway that vanished: when it was last known to be alive.
CREATE TABLE departures (
  user_id    uuid   NOT NULL,
  dialect    text   NOT NULL,
  gone_since bigint NOT NULL,
  PRIMARY KEY (user_id, dialect)
) WITH (fillfactor = 80);
