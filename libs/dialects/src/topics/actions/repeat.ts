import { compile } from '@parley/contracts';
import { Type, type Static } from '@sinclair/typebox';
import type { Caller } from '../../command.js';
import { Ack, ErrorMessage } from '../down.js';
import type { Scope } from './scope.js';

/** An answer that is given again when its message is sent again. */
const Answer = Type.Union([Ack, ErrorMessage]);
export type Answer = Static<typeof Answer>;
const answerCheck = compile(Answer);

const utf8 = new TextEncoder();

/**
 * The same for the same user, id, type, target and payload: a message sent again, also over another connection. An id
 * reused with other content makes another key, since clients start counting anew after a reload.
 */
export function repeatKey(scope: Scope, type: string, target: string, id: string, payload: Uint8Array): string {
  const head = utf8.encode(JSON.stringify([type, target, id]));
  const content = new Uint8Array(head.length + payload.length);
  content.set(head);
  content.set(payload, head.length);
  return `${scope.login.userId}_${scope.context.sha256(content)}`;
}

/** What the message was answered when it came first; undefined when that is not known (any more). */
export async function earlierAnswer(scope: Scope, caller: Caller, key: string): Promise<Answer | undefined> {
  const earlier = await (scope.pending.get(key) ?? caller.recall(key));
  return answerCheck.is(earlier) ? earlier : undefined;
}

/** Other data than an `Answer`, such as a backend's reply, is remembered by its own key and checked by its own schema. */
export function rememberAnswer(caller: Caller, key: string, answer: Answer): Answer {
  caller.remember(key, answer);
  return answer;
}
