import { fail, ok, type Outcome } from '@parley/contracts';
import { LeaseLost } from './lease-lost.js';

const lostCodes = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
  // Shut down by an operator, crashed, starting up, database dropped, idle session ended, idle in transaction ended.
  ...['57P01', '57P02', '57P03', '57P04', '57P05', '25P03'],
  // Too many connections; a standby, as the one we talk to is for a moment after a failover.
  ...['53300', '25006'],
]);

/** pg gives these no code. */
const lostMessages = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'not queryable',
  'Query read timeout',
  'Cannot use a pool after calling end',
  'driver has already been destroyed',
];

const retryableCodes = new Set(['40001', '40P01']);
const timeoutCodes = new Set(['57014', '55P03', '25P04']);
const UNIQUE_VIOLATION = '23505';

/** Postgres could not be reached, went away, or has no connection left; whether the statement took effect is not known. */
export function isConnectionLoss(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined) return lostCodes.has(code) || code.startsWith('08');
  return error instanceof Error && lostMessages.some((message) => error.message.includes(message));
}

export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (codeOf(error) !== UNIQUE_VIOLATION) return false;
  return constraint === undefined || property(error, 'constraint') === constraint;
}

/**
 * Turns what may happen to any database work into a value: `unavailable` (no connection, lease lost, lost against a
 * concurrent transaction) or `timeout`. Everything else is a fault of ours and is thrown on, to be logged as such.
 */
export async function attempt<T>(work: () => Promise<T>): Promise<Outcome<T, 'unavailable' | 'timeout'>> {
  try {
    return ok(await work());
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (error instanceof LeaseLost) return fail('unavailable', 'This has just moved to another server; try again.');
    if (retryableCodes.has(code)) return fail('unavailable', 'Somebody else changed the same thing; try again.');
    if (isConnectionLoss(error)) return fail('unavailable', 'The database cannot be reached.');
    if (timeoutCodes.has(code)) return fail('timeout', 'The database took too long.');
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  const code = property(error, 'code');
  return typeof code === 'string' ? code : undefined;
}

function property(error: unknown, name: string): unknown {
  if (!(error instanceof Error)) return undefined;
  return Object.getOwnPropertyDescriptor(error, name)?.value;
}
