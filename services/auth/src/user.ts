import type { User, UserId } from '@parley/contracts';

/** A user as the service knows them; `User` of the contract is what others may see. */
export interface Account {
  readonly id: UserId;
  readonly username: string;
  readonly email: string | null;
  readonly avatarUrl: string | null;
  readonly passwordHash: string;
  /** Grows with every change of the password. */
  readonly passwordVersion: number;
  readonly createdAt: Date;
}

export function toUser(account: Account): User {
  return {
    id: account.id,
    username: account.username,
    email: account.email,
    avatarUrl: account.avatarUrl,
    createdAt: account.createdAt.toISOString(),
  };
}

/** Two names with one key are the same name: case and Unicode's ways to write one letter do not tell people apart. */
export function nameKey(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** Text that a column can hold: no NUL, no half of a surrogate pair. The schemas of the contract let both pass. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}
