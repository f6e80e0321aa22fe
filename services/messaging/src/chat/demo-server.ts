import { compile, ServerId, shardOf, type UserId } from '@parley/contracts';
import type { ShardLeases } from '@parley/database';
import type { Logger } from '@parley/telemetry';
import { createHash } from 'node:crypto';
import type { MessagingTables } from '../messaging.tables.js';
import type { Chat, Result } from './chat.js';
import { createServer, type FirstChannel } from './create-server.js';
import { listServers } from './list-servers.js';

const NAME = 'Parley';
const CHANNELS: readonly FirstChannel[] = [
  { name: 'general', type: 'text' },
  { name: 'Lounge', type: 'voice' },
];
const RETRY_MS = 500;
/** Then the account is not coming: five minutes. */
const TRIES = 600;

const serverId = compile(ServerId);

export interface DemoServerParts {
  readonly chat: Chat;
  readonly leases: Pick<ShardLeases<MessagingTables>, 'holds'>;
  readonly username: string;
  /** The account of that name. */
  readonly findUser: (username: string) => Promise<Result<UserId, 'not_found'>>;
}

/**
 * Gives the demo account a server to try chat with, once auth answers and has the account. Every replica tries, and the
 * owner of the server's shard does it; the server's id follows from the account's, so that it is only ever one.
 */
export class DemoServer {
  #timer: NodeJS.Timeout | undefined;
  #trying: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(private readonly parts: DemoServerParts) {}

  start(triesLeft = TRIES): void {
    this.#trying = this.#try().then((done) => {
      if (done || this.#stopped) return;
      if (triesLeft === 1) this.#log.warn('there is no account for the demo server');
      else
        this.#timer = setTimeout(() => {
          this.start(triesLeft - 1);
        }, RETRY_MS).unref();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#trying;
  }

  get #log(): Logger {
    return this.parts.chat.logger;
  }

  /** True when there is nothing left to do. */
  async #try(): Promise<boolean> {
    const { chat, leases, username, findUser } = this.parts;
    const user = await findUser(username);
    if (!user.ok) return false;
    const actorId = user.value;
    const before = await listServers(chat, { actorId });
    if (!before.ok) return false;
    if (before.value.servers.length > 0) return true;
    const id = demoServerId(actorId);
    const shard = shardOf(id);
    // Somebody else's to make; the next look shows whether they have.
    if (!leases.holds(shard)) return false;
    const made = await createServer(chat, { actorId, serverId: id, name: NAME }, shard, CHANNELS);
    if (made.ok) this.#log.info({ serverId: id, username }, 'the demo account has a server');
    return made.ok;
  }
}

/** A UUIDv7 with the account's time and, for the rest, a hash. */
export function demoServerId(userId: UserId): ServerId {
  const hash = createHash('sha256').update(`demo server of ${userId}`).digest('hex');
  const id = `${userId.slice(0, 13)}-7${hash.slice(0, 3)}-8${hash.slice(3, 6)}-${hash.slice(6, 18)}`;
  if (!serverId.is(id)) throw new Error(`no server id can be made of ${userId}`);
  return id;
}
