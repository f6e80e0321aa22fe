import { Type, type Static } from '@sinclair/typebox';
import { compile } from './check.js';
import { ConnectionId, UserId } from './ids.js';

/**
 * `X-…` messages of `topics` go to whatever backend serves their name on `ext.<name>` (queue group `<name>`). The reply's
 * data travels back to the sender under the same type. Backends are other people's code, so both ends check.
 */
export const ExtensionName = Type.String({ pattern: '^X-[A-Za-z0-9_-]{1,64}$' });

export const ExtensionRequest = Type.Object({
  name: ExtensionName,
  userId: UserId,
  connectionId: ConnectionId,
  data: Type.Unknown(),
});
export type ExtensionRequest = Static<typeof ExtensionRequest>;

export const ExtensionReply = Type.Object({ data: Type.Unknown() });
export type ExtensionReply = Static<typeof ExtensionReply>;

export const extensionRequestCheck = compile(ExtensionRequest);
export const extensionReplyCheck = compile(ExtensionReply);

export function extensionSubject(name: string): string {
  return `ext.${name}`;
}
