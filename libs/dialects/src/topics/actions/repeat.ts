import type { Scope } from './scope.js';

const utf8 = new TextEncoder();

/**
 * The same for the same user, type, target, id and payload: a message sent again, also over another connection. An id
 * reused with other content makes another key, since clients start counting anew after a reload.
 */
export function repeatKey(scope: Scope, type: string, target: string, id: string, payload: Uint8Array): string {
  const head = utf8.encode(JSON.stringify([type, target, id]));
  const content = new Uint8Array(head.length + payload.length);
  content.set(head);
  content.set(payload, head.length);
  return `${scope.login.userId}_${scope.context.sha256(content)}`;
}
