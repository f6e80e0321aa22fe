import { directMessage, messaging, type DirectMessage, type MessageId, type RawEvent } from '@parley/contracts';
import { MUST, type Frame } from '../../frame.js';
import type { Caller, Commands } from '../../command.js';
import { directFrames } from '../encode.js';
import type { Scope } from './scope.js';

export const QUEUE_RETRY_TIMER = 'queue-retry';
const PAGE = 50;
const RETRY_MS = 5_000;
const SETTLE_ATTEMPTS = 3;
const MAX_LIVE = 1_000;

const utf8 = new TextEncoder();

type Waiting = DirectMessage & { readonly payload: string };

/**
 * Writes what waits for the user, oldest first, page by page. Each page is claimed, written, and settled once the client
 * reads it: a long queue must neither overrun a slow reader nor be lost with its connection.
 */
export function drainQueue(scope: Scope): Commands {
  return [{ kind: 'call', perform: (caller) => takePage(scope, caller) }];
}

/**
 * A direct message is being delivered live. The queue offers it once more when this gateway's receipt came too late for
 * the one who counted, or when its owner died; then it is settled without being written again.
 */
export function noteLive(live: Set<MessageId>, event: RawEvent): void {
  const messageId = directMessage.decode(event)?.payload.messageId;
  if (messageId !== undefined) note(live, messageId);
}

function note(live: Set<MessageId>, messageId: MessageId): void {
  live.add(messageId);
  if (live.size <= MAX_LIVE) return;
  for (const oldest of live) {
    live.delete(oldest);
    break;
  }
}

async function takePage(scope: Scope, caller: Caller): Promise<Commands> {
  const { userId } = scope.login;
  const { connectionId, gatewayId } = scope.context;
  const taken = await caller.call(messaging.takeDirect, { userId, connectionId, gatewayId, limit: PAGE });
  if (!taken.ok) return later(scope);
  const { messages, more } = taken.value;
  if (messages.length === 0) return [];
  const fresh = messages.filter((message) => !scope.live.has(message.messageId));
  return [
    ...write(fresh),
    {
      kind: 'flushed',
      then: (flushed) => {
        if (flushed) {
          const settling = { kind: 'call', perform: (again: Caller) => settle(scope, again, messages, fresh) } as const;
          return [settling, ...(more ? drainQueue(scope) : [])];
        }
        // Still on their way to the client, should it read on: they are offered again, and must not be written twice.
        for (const message of fresh) note(scope.live, message.messageId);
        return later(scope);
      },
    },
  ];
}

function later({ context }: Scope): Commands {
  return [{ kind: 'timer', name: QUEUE_RETRY_TIMER, at: context.now() + RETRY_MS }];
}

function write(messages: readonly Waiting[]): Commands {
  return messages.length === 0 ? [] : [{ kind: 'send', frames: messages.flatMap(framesOf), delivery: MUST }];
}

/**
 * What stays unsettled is offered once more, perhaps to another connection, so a failure is not taken at once. When it
 * stays one, this connection asks for the page again, and knows then that it has written it.
 */
async function settle(
  scope: Scope,
  caller: Caller,
  messages: readonly Waiting[],
  written: readonly Waiting[],
): Promise<Commands> {
  const messageIds = messages.map((message) => message.messageId);
  for (let attempt = 1; attempt <= SETTLE_ATTEMPTS; attempt++) {
    const settled = await caller.call(messaging.settleDirect, { userId: scope.login.userId, messageIds });
    if (settled.ok) return [];
  }
  for (const message of written) note(scope.live, message.messageId);
  return later(scope);
}

function framesOf(message: Waiting): readonly Frame[] {
  const body = message.format === 'json' ? utf8.encode(message.payload) : Buffer.from(message.payload, 'base64');
  return directFrames(message, body);
}
