import { expect, test } from 'vitest';
import { isTopic, payloadOf, shownPayload, topicProblem } from './payload.js';

test('text is a JSON value as it is; JSON is what it says, or nothing', () => {
  expect(payloadOf('text', '{"a":1}')).toBe('{"a":1}');
  expect([payloadOf('json', '{"a":1}'), payloadOf('json', 'null'), payloadOf('json', '{')]).toEqual([
    { a: 1 },
    null,
    undefined,
  ]);
  expect([shownPayload('<b>'), shownPayload({ a: [1] }), shownPayload(null)]).toEqual([
    '<b>',
    '{\n  "a": [\n    1\n  ]\n}',
    'null',
  ]);
});

test('topics and patterns', () => {
  const problems = (topics: readonly string[], wildcards: boolean): readonly string[] =>
    topics.filter((topic) => topicProblem(topic, { wildcards }) !== undefined);
  expect(problems(['chat', 'chat.general-1', '$sys.a', 'a_b'], false)).toEqual([]);
  const wrong = ['', 'a..b', 'a b', 'ä', 'chat.*', 'a.>', 'a'.repeat(257), Array(17).fill('a').join('.')];
  expect(problems(wrong, false)).toEqual(wrong);
  expect(problems(['chat.*', '*.x', 'a.>', 'chat.general'], true)).toEqual([]);
  expect(problems(['a.>.b', 'a*', '>a'], true)).toEqual(['a.>.b', 'a*', '>a']);
  expect([isTopic('chat.general'), isTopic('chat.*')]).toEqual([true, false]);
});
