import type { ChatMessage } from '@parley/client';

/** What is in view of a channel, oldest first, each once, in the order of their ids: that is the server's order. */
export interface MessageLog {
  readonly messages: readonly ChatMessage[];
  /** The server has older ones. */
  readonly older: boolean;
  /** The server has newer ones, which had to make room for older ones that were asked for. */
  readonly newer: boolean;
}

/** Kept in view; more than anybody reads, and few enough to render. */
export const KEPT = 500;
/** Asked for at a time. */
export const PAGE = 50;

export const EMPTY_LOG: MessageLog = { messages: [], older: false, newer: false };

/** What was there when the newest page was read, and everything that has come since. */
export function fromNewest(log: MessageLog, page: readonly ChatMessage[]): MessageLog {
  const newest = page[0]?.id ?? '';
  const listed = new Set(page.map(({ id }) => id));
  const kept = log.messages.filter(({ id }) => listed.has(id) || (id > newest && !log.newer));
  return trimmedAtTop({ messages: merged(page, kept), older: page.length >= PAGE, newer: false });
}

/** `page` is what is directly before the oldest in view, newest first. */
export function withOlder(log: MessageLog, page: readonly ChatMessage[]): MessageLog {
  const messages = merged(page, log.messages);
  const older = page.length >= PAGE;
  if (messages.length <= KEPT) return { messages, older, newer: log.newer };
  return { messages: messages.slice(0, KEPT), older, newer: true };
}

/** New or changed. While the newest ones are out of view, those that come are, too. */
export function withMessage(log: MessageLog, message: ChatMessage): MessageLog {
  const known = log.messages.some(({ id }) => id === message.id);
  if (known)
    return { ...log, messages: log.messages.map((one) => (one.id === message.id ? newerOf(one, message) : one)) };
  const [first] = log.messages;
  if (log.older && first !== undefined && message.id < first.id) return log;
  if (log.newer) return log;
  return trimmedAtTop({ ...log, messages: merged([message], log.messages) });
}

/** Of a message that is in view; of others nothing is known here. */
export function withChange(log: MessageLog, message: ChatMessage): MessageLog {
  return log.messages.some(({ id }) => id === message.id) ? withMessage(log, message) : log;
}

export function withoutMessage(log: MessageLog, id: string): MessageLog {
  const messages = log.messages.filter((one) => one.id !== id);
  return messages.length === log.messages.length ? log : { ...log, messages };
}

export function hasMessage(log: MessageLog, id: string): boolean {
  return log.messages.some((one) => one.id === id);
}

function trimmedAtTop(log: MessageLog): MessageLog {
  if (log.messages.length <= KEPT) return log;
  return { ...log, messages: log.messages.slice(-KEPT), older: true };
}

function merged(one: readonly ChatMessage[], other: readonly ChatMessage[]): readonly ChatMessage[] {
  const all = new Map<string, ChatMessage>();
  for (const message of [...one, ...other]) {
    const known = all.get(message.id);
    all.set(message.id, known === undefined ? message : newerOf(known, message));
  }
  return [...all.values()].sort(({ id: a }, { id: b }) => (a < b ? -1 : Number(a > b)));
}

/** An answer may be older than an event that overtook it. */
function newerOf(one: ChatMessage, other: ChatMessage): ChatMessage {
  return (one.updated_at ?? '') > (other.updated_at ?? '') ? one : other;
}
