import type { User } from '@parley/contracts';
import { Type, type Static } from '@sinclair/typebox';

/** A user as REST shows them to themselves. */
export const UserBody = Type.Object({
  id: Type.String({ format: 'uuid' }),
  username: Type.String(),
  email: Type.Union([Type.String(), Type.Null()]),
  avatar_url: Type.Union([Type.String(), Type.Null()]),
  created_at: Type.String({ format: 'date-time' }),
});
export type UserBody = Static<typeof UserBody>;

export function userBody(user: User): UserBody {
  return {
    id: user.id,
    username: user.username,
    email: user.email,
    avatar_url: user.avatarUrl,
    created_at: user.createdAt,
  };
}
