import type { User } from '@parley/contracts';

/** A user as REST shows them to themselves. */
export interface UserBody {
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly avatar_url: string | null;
  readonly created_at: string;
}

export function userBody(user: User): UserBody {
  return {
    id: user.id,
    username: user.username,
    email: user.email,
    avatar_url: user.avatarUrl,
    created_at: user.createdAt,
  };
}
