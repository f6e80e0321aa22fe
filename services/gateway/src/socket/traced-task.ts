import type { ConnectionId } from '@parley/contracts';
import { withSpan } from '@parley/telemetry';
import type { Task } from './inbox.js';

/**
 * The start of a trace: what a connection asks for, be it by a frame or by having been opened. What its client says of
 * traces is not asked: anyone could have everything recorded. The span begins now, so that it shows how long the task waited.
 */
export function tracedTask(
  what: 'open' | 'frame',
  { id, dialect }: { readonly id: ConnectionId; readonly dialect: { readonly name: string } },
  task: Task,
  bytes?: number,
): Task {
  const startedAt = Date.now();
  const attributes = {
    'network.protocol.name': 'websocket',
    'parley.dialect': dialect.name,
    'parley.connection.id': id,
    ...(bytes === undefined ? {} : { 'parley.frame.size': bytes }),
  };
  return () => withSpan(`ws ${dialect.name} ${what}`, { kind: 'server', root: 'chosen', startedAt, attributes }, task);
}
