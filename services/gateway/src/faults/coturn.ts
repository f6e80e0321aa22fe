import { freePort, startChild, type Child } from '@parley/testing';
import { createHmac, randomInt } from 'node:crypto';

/** Below the range from which the kernel takes ports of its own, above what tests are given. */
const RELAYS = { first: 16_000, blocks: 800, size: 20 } as const;

/** A real TURN server on 127.0.0.1, which knows nobody but the secret that it shares. */
export interface Coturn {
  /** As in PARLEY_TURN_URLS. */
  readonly urls: readonly string[];
  readonly process: Child;
}

export async function startCoturn(secret: string): Promise<Coturn> {
  const port = await freePort();
  const firstRelay = RELAYS.first + randomInt(RELAYS.blocks) * RELAYS.size;
  const args = [
    ...['-n', '--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${String(port)}`],
    ...[`--min-port=${String(firstRelay)}`, `--max-port=${String(firstRelay + RELAYS.size - 1)}`],
    ...['--use-auth-secret', `--static-auth-secret=${secret}`, '--realm=example.org', '--fingerprint'],
    // As a rule it relays to no address of its own machine, which is where the whole test is.
    ...['--allow-loopback-peers', '--no-tls', '--no-dtls', '--no-cli', '--log-file=stdout', '--pidfile=/dev/null'],
  ];
  const child = await startChild({ name: 'coturn', command: 'turnserver', args });
  await child.line('its listener', 10_000, (line) => line.includes('Total General servers') || undefined);
  const address = `turn:127.0.0.1:${String(port)}`;
  return { urls: [`${address}?transport=udp`, `${address}?transport=tcp`], process: child };
}

/** The TURN REST scheme, written once more: what Parley issues has to agree with it. */
export function turnPassword(secret: string, username: string): string {
  return createHmac('sha1', secret).update(username).digest('base64');
}
