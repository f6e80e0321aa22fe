import type { EmitCommand, Emitter } from '@parley/dialects';
import { keepTrace, sampledTraceparent } from '@parley/telemetry';

/** An event of a recorded trace stays in it, though it may be published later, by a timer that belongs to nobody. */
export function tracedEmit(command: EmitCommand): EmitCommand {
  if (sampledTraceparent() === undefined) return command;
  const publish = keepTrace((emitter: Emitter) => {
    command.publish(emitter);
  });
  return { ...command, publish };
}
