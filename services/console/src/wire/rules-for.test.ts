import { Down as chatDown } from '@parley/dialects/chat/down';
import { up as chatUp } from '@parley/dialects/chat/up';
import { Down as collabDown } from '@parley/dialects/collab/down';
import { up as collabUp } from '@parley/dialects/collab/up';
import { Down as partyDown } from '@parley/dialects/party/down';
import { up as partyUp } from '@parley/dialects/party/up';
import { Down as topicsDown } from '@parley/dialects/topics/down';
import { up as topicsUp } from '@parley/dialects/topics/up';
import { Down as watchDown } from '@parley/dialects/watch/down';
import { fromDevice, fromViewer } from '@parley/dialects/watch/up';
import { describe, expect, test } from 'vitest';
import { readRules } from '../../rules/spec-rules.js';
import { isRecord } from '../session/json.js';
import { FORMAT, rulesFor } from './rules-for.js';
import type { Direction, WireDialect } from './wire-frame.js';

const rules = readRules();

/** By the schemas that the gateway itself uses, so that a new message fails here until a rule speaks of it. */
const messages: readonly (readonly [WireDialect, Direction, readonly string[]])[] = [
  ['chat', 'out', Object.keys(chatUp)],
  ['chat', 'in', typesIn(chatDown)],
  ['topics', 'out', [...Object.keys(topicsUp), 'X-Custom', 'binary']],
  ['topics', 'in', [...typesIn(topicsDown), 'X-Custom', 'binary']],
  ['collab', 'out', [...Object.keys(collabUp), 'binary']],
  ['collab', 'in', [...typesIn(collabDown), 'binary']],
  ['watch', 'out', [...Object.keys(fromDevice), ...Object.keys(fromViewer)]],
  ['watch', 'in', typesIn(watchDown)],
  ['party', 'out', Object.keys(partyUp)],
  ['party', 'in', typesIn(partyDown)],
];

/** `type` of every member of a union, through unions inside; of chat `t`, or `op` where there is none. */
function typesIn(schema: unknown): string[] {
  if (!isRecord(schema)) return [];
  const { anyOf, properties } = schema;
  if (Array.isArray(anyOf)) return anyOf.flatMap(typesIn);
  if (!isRecord(properties)) return [];
  const named = [properties['t'], properties['type'], properties['op']].filter(isRecord).map((one) => one['const']);
  return named.filter((one) => typeof one === 'string').slice(0, 1);
}

describe('every message of every dialect has a rule that names it', () => {
  for (const [dialect, direction, types] of messages) {
    test(`${dialect}, ${direction}`, () => {
      expect(types.length).toBeGreaterThan(3);
      const form = FORMAT[dialect][direction];
      const unruled = [...new Set(types)].filter((type) =>
        rulesFor(rules, dialect, direction, type).every(({ id }) => id === form),
      );
      expect(unruled).toEqual([]);
    });
  }
});

test.each<[WireDialect, Direction, string, string]>([
  ['chat', 'in', 'MESSAGE_CREATE', 'DN1'],
  ['chat', 'in', 'READY', 'HS6'],
  ['chat', 'out', 'VOICE_SIGNAL', 'UP5'],
  ['chat', 'in', 'VOICE_SIGNAL', 'DN5'],
  ['topics', 'out', 'Broadcast', 'UP10'],
  ['topics', 'in', 'Broadcast', 'DN1'],
  ['topics', 'out', 'Subscribe', 'UP6'],
  ['topics', 'in', 'DirectMessage', 'DN4'],
  ['collab', 'out', 'operation', 'UP9'],
  ['collab', 'in', 'operation_broadcast', 'DN4'],
  ['collab', 'out', 'binary', 'BN1'],
  ['watch', 'out', 'watch_request', 'WT1'],
  ['party', 'out', 'join', 'JN1'],
  ['party', 'in', 'kicked', 'MS12'],
])('%s %s %s is first of all %s', (dialect, direction, type, id) => {
  expect(rulesFor(rules, dialect, direction, type)[0]?.id).toBe(id);
});

test('what is no message has the rule of form alone', () => {
  for (const type of ['?', 'nothing', '.*', '']) {
    expect(rulesFor(rules, 'topics', 'in', type).map(({ id }) => id)).toEqual(['DN8']);
  }
});
