import { compile } from '@parley/contracts';
import { Type } from '@sinclair/typebox';
import type { Caller, Commands } from '../../command.js';
import { acknowledge, reply } from '../encode.js';
import { refuse } from '../errors.js';
import type { UpExtension } from '../up.js';
import { repeatKey } from './repeat.js';
import type { Scope } from './scope.js';

/** In an object of its own, so that a reply of `null` differs from none. */
const Remembered = Type.Object({ data: Type.Unknown() });
const rememberedCheck = compile(Remembered);

const utf8 = new TextEncoder();

/** Asks the backend that serves the name; its reply goes back under the same type. */
export function extension(scope: Scope, message: UpExtension): Commands {
  return [{ kind: 'call', perform: (caller) => ask(scope, caller, message) }];
}

async function ask(scope: Scope, caller: Caller, message: UpExtension): Promise<Commands> {
  const { name, data, id } = message;
  const key = id === undefined ? undefined : repeatKey(scope, name, '', id, utf8.encode(JSON.stringify(data)));
  const earlier = key === undefined ? undefined : await caller.recall(key);
  if (rememberedCheck.is(earlier)) return answer(message, earlier.data);

  const { userId } = scope.login;
  const outcome = await caller.callExtension({ name, userId, connectionId: scope.context.connectionId, data });
  if (!outcome.ok) {
    const missing = { code: 'not_found', message: `No backend serves ${name}` } as const;
    return refuse(outcome.error.code === 'not_found' ? missing : outcome.error, id);
  }
  if (key !== undefined) caller.remember(key, { data: outcome.value.data });
  return answer(message, outcome.value.data);
}

function answer({ name, id }: UpExtension, data: unknown): Commands {
  return [reply({ type: name, data }), ...acknowledge(id, 'answered')];
}
