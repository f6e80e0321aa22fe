import { isRecord, parseJson } from './json.js';

/** What the gateway tells its page (`/console.json`). */
export interface ConsoleConfig {
  /** Origins of the gateways that the page may use, its own among them. */
  readonly gateways: readonly string[];
  /** Accounts to try, where whoever started the cluster made some. */
  readonly demo: readonly DemoAccount[];
}

export interface DemoAccount {
  readonly username: string;
  readonly password: string;
}

const DEADLINE_MS = 10_000;

/** Without an answer the page still works, with the gateway that it came from. */
export async function loadConfig(): Promise<ConsoleConfig> {
  try {
    const response = await fetch('/console.json', { signal: AbortSignal.timeout(DEADLINE_MS) });
    return configOf(parseJson(await response.text()), location.origin);
  } catch {
    return { gateways: [location.origin], demo: [] };
  }
}

export function configOf(value: unknown, own: string): ConsoleConfig {
  const given = isRecord(value) ? value : {};
  const gateways = listOf(given['gateways'])
    .filter((one) => typeof one === 'string')
    .filter((one) => !isOtherName(hostnameOf(one), hostnameOf(own)));
  return {
    gateways: gateways.includes(own) ? gateways : [own, ...gateways],
    demo: listOf(given['demo']).filter(isAccount),
  };
}

const LOOPBACK: ReadonlySet<string | undefined> = new Set(['127.0.0.1', 'localhost']);

/** A gateway of this machine may be listed by both of its names; the one that the page was opened by is enough. */
function isOtherName(one: string | undefined, own: string | undefined): boolean {
  return one !== own && LOOPBACK.has(one) && LOOPBACK.has(own);
}

function hostnameOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).hostname : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isAccount(value: unknown): value is DemoAccount {
  return isRecord(value) && typeof value['username'] === 'string' && typeof value['password'] === 'string';
}
