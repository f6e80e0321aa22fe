import { ParleyError } from '@parley/client';
import { isNothing, type Check, type ConsoleSession } from '../../session/console-session.js';
import { isRecord } from '../../session/json.js';

export type DocumentKind = 'text' | 'json' | 'rich-text';
export type Role = 'owner' | 'editor' | 'viewer';

/** A room as the API lists it. */
export interface RoomSummary {
  readonly id: string;
  readonly type: DocumentKind;
  readonly version: number;
  readonly public: boolean;
  readonly role: Role;
}

export interface Creation {
  /** Made up by the server when left out. */
  readonly id?: string;
  readonly type: 'text' | 'json';
  readonly content: unknown;
  readonly public: boolean;
}

const KINDS: readonly unknown[] = ['text', 'json', 'rich-text'] satisfies DocumentKind[];
const ROLES: readonly unknown[] = ['owner', 'editor', 'viewer'] satisfies Role[];

const isSummary: Check<RoomSummary> = (value): value is RoomSummary =>
  isRecord(value) &&
  typeof value['id'] === 'string' &&
  typeof value['version'] === 'number' &&
  typeof value['public'] === 'boolean' &&
  KINDS.includes(value['type']) &&
  ROLES.includes(value['role']);

const isList: Check<readonly RoomSummary[]> = (value): value is readonly RoomSummary[] =>
  Array.isArray(value) && value.every(isSummary);

const isUser: Check<{ readonly id: string }> = (value): value is { readonly id: string } =>
  isRecord(value) && typeof value['id'] === 'string';

/** Rooms over REST; what is in them goes over the socket. */
export class DocumentRest {
  constructor(private readonly session: Pick<ConsoleSession, 'rest'>) {}

  /** Those that this user has a role in. */
  mine(): Promise<readonly RoomSummary[]> {
    return this.session.rest('GET', '/rooms?limit=50', isList);
  }

  create(creation: Creation): Promise<RoomSummary> {
    return this.session.rest('POST', '/rooms', isSummary, creation);
  }

  /** For a room that everybody knows by its id: whoever is first makes it. */
  async ensure(creation: Creation & { readonly id: string }): Promise<void> {
    try {
      await this.create(creation);
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }

  async remove(id: string): Promise<void> {
    await this.session.rest('DELETE', `/rooms/${encodeURIComponent(id)}`, isNothing);
  }

  /** As an editor. */
  async letIn(id: string, username: string): Promise<void> {
    const user = await this.session.rest('GET', `/users/${encodeURIComponent(username)}`, isUser);
    await this.setRole(id, user.id, 'editor');
  }

  async setRole(id: string, userId: string, role: Role): Promise<void> {
    await this.session.rest('PUT', memberPath(id, userId), isNothing, { role });
  }

  async removeMember(id: string, userId: string): Promise<void> {
    await this.session.rest('DELETE', memberPath(id, userId), isNothing);
  }
}

function memberPath(id: string, userId: string): string {
  return `/rooms/${encodeURIComponent(id)}/members/${encodeURIComponent(userId)}`;
}

/** There is a room of this id already. */
export function isTaken(error: unknown): boolean {
  return error instanceof ParleyError && error.details.wireCode === 409;
}
