import {
  messaging,
  newConnectionId,
  newMessageId,
  newUserId,
  ok,
  type DirectMessage,
  type RawEvent,
  type UserId,
} from '@parley/contracts';
import type { Login } from '../command.js';
import type { Encoded } from '../dialect.js';
import { topics } from '../topics/index.js';
import { aLogin, contentOf, theOne } from './fixtures.js';
import { Harness, type HarnessOptions } from './harness.js';

export { aLogin, anEvent, MINUTE } from './fixtures.js';

/** A session of `topics` before its first frame; nothing waits for its user. */
export function aSession(limits?: HarnessOptions['limits']): Harness {
  const options = { connectionId: newConnectionId(), ...(limits === undefined ? {} : { limits }) };
  const harness = new Harness(topics, options);
  harness.answer(messaging.takeDirect, () => ok({ messages: [], more: false }));
  harness.answer(messaging.settleDirect, () => ok({}));
  return harness;
}

/** The same after its welcome, with an empty log; every topic is allowed. */
export async function aConnection(login: Login = aLogin(), limits?: HarnessOptions['limits']): Promise<Harness> {
  const harness = aSession(limits);
  harness.answer(messaging.authorizeTopics, ({ patterns }) =>
    ok({ answers: patterns.map(() => ({ allowed: true, history: { messages: 100, seconds: 86_400 } })) }),
  );
  await harness.open(ok(login));
  harness.takeLog();
  return harness;
}

export function encoded(event: RawEvent): Encoded | undefined {
  return theOne(topics.encoders.get(event.kind)?.encode(event));
}

/** The frames of an event as text, binary ones as bytes. */
export function framesOf(event: RawEvent): (string | Uint8Array)[] {
  return (encoded(event)?.frames ?? []).map(contentOf);
}

export function aDirectMessage(to: UserId, over: Partial<DirectMessage> = {}): DirectMessage {
  return {
    messageId: newMessageId(),
    from: newUserId(),
    to,
    sentAt: 1_234_567_890,
    position: 1,
    format: 'json',
    ...over,
  };
}
