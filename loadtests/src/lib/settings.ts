/** What the runner hands over; each script reads what it needs. Everything has a default that suits a look by hand. */
export type Dialect = 'topics' | 'chat' | 'collab' | 'watch' | 'party';

const ALL: readonly Dialect[] = ['topics', 'chat', 'collab', 'watch', 'party'];

/** Where clients may connect: gateways, or the load balancer in front of them. `http://host:port` each. */
export const urls: readonly string[] = text('URLS', 'http://127.0.0.1:8080').split(',');
/** Where scripts meet each other and the runner: see lib/board.ts. */
export const boardUrl = text('BOARD', 'http://127.0.0.1:0');
export const vus = number('VUS', 50);
/** How long messages are sent. */
export const seconds = number('SECONDS', 10);
/** Of one sender, or one pair. */
export const perSecond = number('PER_SECOND', 5);
/** A p95 beyond it fails the run, ms; `--relaxed` machines are given more. */
export const patience = number('PATIENCE', 1);
/** Where clients who do not read go in. */
export const slowUrl = text('SLOW_URL', '');

/** Those asked for, of those that the script can do. */
export function dialectsOf(able: readonly Dialect[]): readonly Dialect[] {
  const asked = text('DIALECTS', '').split(',');
  const chosen = able.filter((dialect) => asked.includes(dialect));
  return chosen.length === 0 ? able : chosen;
}

export const everyDialect = ALL;

/** Which of several a VU takes: by turns. */
export function turn<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
}

export function text(name: string, otherwise: string): string {
  const value = __ENV[name];
  return value === undefined || value === '' ? otherwise : value;
}

export function number(name: string, otherwise: number): number {
  const value = Number(text(name, String(otherwise)));
  if (!Number.isFinite(value) || value < 0) throw new Error(`${name} is no number`);
  return value;
}
