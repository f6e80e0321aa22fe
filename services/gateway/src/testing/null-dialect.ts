import { none, type Dialect, type Session, silence } from '@parley/dialects';

export const deaf: Session = {
  opened: () => none,
  received: () => none,
  timer: () => none,
  observed: () => none,
  ending: () => none,
  closed: () => [],
};

/** A protocol that says and does nothing: what is left is what the gateway costs any dialect. */
export const nullDialect: Dialect = {
  name: 'topics',
  version: 'none',
  wire: silence,
  endpoints: [{ path: '/ws/topics' }],
  keepAlive: { silentAfterMs: 3_600_000, probeAfterMs: 3_500_000 },
  encoders: new Map(),
  observes: new Set(),
  open: () => deaf,
};
