import { compile, messaging, topicMessage } from '@parley/contracts';
import { none, type Caller, type Commands, type Receipts } from '../../command.js';
import { Ack } from '../down.js';
import { ack, reply } from '../encode.js';
import { refuse } from '../errors.js';
import type { UpBroadcast } from '../up.js';
import { repeatKey } from './repeat.js';
import { actorOf, type Scope } from './scope.js';

const ackCheck = compile(Ack);

/**
 * Published before the next frame is looked at, so that a connection's messages keep their order; who received it is
 * counted in the background.
 */
export function broadcast(scope: Scope, message: UpBroadcast): Commands {
  const perform = message.id === undefined ? publish(scope, message) : publishAndAnswer(scope, message, message.id);
  return [{ kind: 'call', perform }];
}

function publish(scope: Scope, message: UpBroadcast) {
  return async (caller: Caller): Promise<Commands> => {
    const published = await caller.call(messaging.publishTopic, request(scope, message), { body: message.payload });
    return published.ok ? none : refuse(published.error, undefined);
  };
}

function publishAndAnswer(scope: Scope, message: UpBroadcast, id: string) {
  return async (caller: Caller): Promise<Commands> => {
    const key = repeatKey(scope, 'Broadcast', message.topic, id, message.payload);
    const receipts = caller.receipts(topicMessage.subject(message.topic));
    const published = await caller.call(
      messaging.publishTopic,
      { ...request(scope, message), idempotencyKey: key, receiptsTo: receipts.subject },
      { body: message.payload },
    );
    if (published.ok && !published.value.duplicate) return answerLater(scope, key, id, receipts);
    receipts.cancel();
    if (!published.ok) return refuse(published.error, id);
    return [{ kind: 'background', perform: (again) => answerAgain(scope, again, key, id) }];
  };
}

function answerLater(scope: Scope, key: string, id: string, receipts: Receipts): Commands {
  const perform = async (caller: Caller): Promise<Commands> => {
    const answer = counted(caller, key, id, receipts);
    scope.pending.set(key, answer);
    try {
      return [reply(await answer)];
    } finally {
      scope.pending.delete(key);
    }
  };
  return [{ kind: 'background', perform }];
}

async function counted(caller: Caller, key: string, id: string, receipts: Receipts): Promise<Ack> {
  const { count } = await receipts.settled();
  const answer = ack({ message_id: id, status: 'delivered', recipients: count });
  caller.remember(key, answer);
  return answer;
}

/** A copy may come while the first is still being counted, or to another gateway. */
async function answerAgain(scope: Scope, caller: Caller, key: string, id: string): Promise<Commands> {
  const earlier = await (scope.pending.get(key) ?? caller.recall(key));
  // Published it was, but the count is lost; no number is better than a wrong one.
  return [reply(ackCheck.is(earlier) ? earlier : ack({ message_id: id, status: 'delivered' }))];
}

function request(scope: Scope, message: UpBroadcast) {
  return {
    actor: actorOf(scope.login),
    topic: message.topic,
    format: 'json' as const,
    ...(message.metadata === undefined ? {} : { metadata: message.metadata }),
  };
}
