import { parseJson } from '../../session/json.js';

/** How what is written in a field is meant. */
export type PayloadKind = 'text' | 'json';

/** A payload is any JSON value; text is one too. Undefined for what is no JSON. */
export function payloadOf(kind: PayloadKind, text: string): unknown {
  return kind === 'text' ? text : parseJson(text);
}

/** Text as it is, everything else as JSON on lines. */
export function shownPayload(payload: unknown): string {
  return typeof payload === 'string' ? payload : JSON.stringify(payload, undefined, 2);
}

const TOKEN = /^\$?[A-Za-z0-9_-]+$/;
const MAX_TOKENS = 16;
const MAX_LENGTH = 256;

/** Why the server would not take it as a topic, or, with wildcards, as a pattern. */
export function topicProblem(topic: string, { wildcards }: { readonly wildcards: boolean }): string | undefined {
  const tokens = topic.split('.');
  if (topic.length > MAX_LENGTH || tokens.length > MAX_TOKENS) return 'At most 16 parts and 256 characters.';
  const isFine = (token: string, index: number): boolean => {
    if (wildcards && token === '*') return true;
    if (wildcards && token === '>') return index === tokens.length - 1;
    return TOKEN.test(token);
  };
  if (tokens.every(isFine)) return undefined;
  return wildcards
    ? 'Parts of letters, digits, _ and -, joined by dots; * is any one part, > at the end is the rest.'
    : 'Parts of letters, digits, _ and -, joined by dots.';
}

/** Without wildcards: it has a past that can be read. */
export function isTopic(pattern: string): boolean {
  return topicProblem(pattern, { wildcards: false }) === undefined;
}
