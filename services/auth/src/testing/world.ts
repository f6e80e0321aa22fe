import { connectBus, type Bus } from '@parley/bus';
import { loadOptions } from '@parley/config';
import {
  auth as contract,
  LOGINS_REVOKED_ID,
  loginsRevoked,
  type ErrorCode,
  type Outcome,
  type TokenGrant,
} from '@parley/contracts';
import { createDatabase, migrate, type Database } from '@parley/database';
import { startNest } from '@parley/service';
import { createLogger } from '@parley/telemetry';
import { freshDatabase, startNats } from '@parley/testing';
import type { Static } from '@sinclair/typebox';
import { AuthHandlers } from '../auth.handlers.js';
import { AuthLifecycle } from '../auth.lifecycle.js';
import { AUTH, authModule } from '../auth.module.js';
import { authOptions } from '../auth.options.js';
import type { AuthTables } from '../auth.tables.js';
import type { Auth } from '../auth.js';
import { Cleanup } from '../cleanup.js';

export const address = '192.0.2.1';
export const password = 'correct horse battery';

/** Hashes that cost next to nothing; limits out of the way of tests that are not about them. */
export const cheap = {
  PARLEY_AUTH_HASH_MEMORY_KIB: '64',
  PARLEY_AUTH_HASH_PASSES: '1',
  PARLEY_AUTH_REGISTRATIONS_PER_ADDRESS: '0',
  PARLEY_AUTH_REFRESHES_PER_LOGIN: '0',
};

export interface Replica {
  readonly auth: Auth;
  readonly cleanup: Cleanup;
  stop(): Promise<void>;
}

export type Revocation = Static<typeof loginsRevoked.payload>;

/** A real NATS, a real Postgres, a clock to turn, and as many replicas of the service as a test wants. */
export interface World {
  readonly clock: { now: number };
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly database: Database<AuthTables>;
  /** The gateway's side. */
  readonly bus: Bus;
  readonly revocations: readonly Revocation[];
  /** Every line that any replica has logged. */
  readonly log: readonly string[];
  replica(env?: Record<string, string>): Promise<Replica>;
  stop(): Promise<void>;
}

/** `server`: another Postgres than the one that all tests share. */
export async function startWorld(server?: string): Promise<World> {
  const [nats, fresh] = await Promise.all([startNats(), freshDatabase(server)]);
  const log: string[] = [];
  const logger = createLogger('auth', { level: 'debug', destination: { write: (line) => log.push(line) } });
  const clock = { now: Date.now() };
  const bus = await connectBus({ servers: nats.url, name: 'test', logger });
  const database = createDatabase<AuthTables>({ url: fresh.url, schema: 'auth', logger });
  await migrate(database, new URL('../../migrations/', import.meta.url));
  const revocations: Revocation[] = [];
  bus.subscribe(loginsRevoked.subject(LOGINS_REVOKED_ID), (event) => {
    const decoded = loginsRevoked.decode(event);
    if (decoded !== undefined) revocations.push(decoded.payload);
  });
  await bus.flush();
  const replicas: Replica[] = [];

  const replica = async (env: Record<string, string> = {}): Promise<Replica> => {
    const options = loadOptions(authOptions, { ...cheap, ...env });
    const own = await connectBus({ servers: nats.url, name: 'auth', logger });
    const pool = createDatabase<AuthTables>({ url: fresh.url, schema: 'auth', logger });
    const module = authModule({ options, bus: own, database: pool, logger, clock: () => clock.now });
    const nest = await startNest({ logger, onClose: () => undefined }, module);
    const lifecycle = nest.get(AuthLifecycle);
    const close = async (): Promise<void> => {
      await lifecycle.stop();
      await nest.close();
      await own.close();
      await pool.close();
    };
    try {
      await lifecycle.start();
    } catch (error) {
      await close();
      throw error;
    }
    const intake = nest.get(AuthHandlers).serve(own);
    await own.flush();
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> => (stopped ??= Promise.all(intake.map((one) => one.stop())).then(close));
    const started = { auth: nest.get<Auth>(AUTH), cleanup: nest.get(Cleanup), stop };
    replicas.push(started);
    return started;
  };

  return {
    clock,
    natsUrl: nats.url,
    databaseUrl: fresh.url,
    database,
    bus,
    revocations,
    log,
    replica,
    stop: async () => {
      await Promise.all(replicas.map((one) => one.stop()));
      await bus.close();
      await database.close();
      await nats.stop();
      await fresh.drop();
    },
  };
}

let names = 0;

/** A name that no other test of this file has. */
export function freshName(): string {
  return `user_${String(++names)}`;
}

/** The value of an outcome that must have succeeded. */
export async function must<T, E extends ErrorCode>(outcome: Promise<Outcome<T, E>>): Promise<T> {
  const settled = await outcome;
  if (!settled.ok) throw new Error(`${settled.error.code}: ${settled.error.message}`);
  return settled.value;
}

export function registerUser(world: World, username = freshName()): Promise<TokenGrant> {
  return must(world.bus.call(contract.register, { username, password, address }));
}
