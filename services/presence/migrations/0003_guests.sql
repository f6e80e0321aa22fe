-- Guests are nobody's account: their connections count and are listed, but nobody is told of them.
ALTER TABLE connections ADD COLUMN guest boolean NOT NULL DEFAULT false;
