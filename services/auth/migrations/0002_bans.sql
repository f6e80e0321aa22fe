-- Since when the user may not log in; null: they may.
ALTER TABLE users ADD COLUMN banned_at timestamptz;
