import { describe, expect, it } from 'vitest';
import { runSuite, type Verdict } from './runner.js';
import { defaultLimits } from './settings.js';
import { startWrongServer, type Mistake } from './testing/wrong-server.js';
import { topics } from './topics/suite.js';

/** A mistake, and the title of a scenario that has to find it. */
const mistakes: readonly (readonly [Mistake, string])[] = [
  ['takes any token', 'no token: Error 401 on an accepted socket, then close 1008'],
  ['another protocol version', 'a token in the query is taken, and the welcome comes first'],
  ['another timestamp', 'Ping answers Pong with the same timestamp, whatever number it is'],
  ['Ack before Status', 'Subscribe as the printed client sends it (12-subscribe-with-id.jsonl)'],
  ['wrong message_id', 'a Ping with an id gets its Pong first, then the Ack'],
  ['no Ack', 'overlapping subscriptions deliver once, and count once'],
  ['delivers per subscription', 'overlapping subscriptions deliver once, and count once'],
  ['parses payloads', 'payloads reach receivers byte for byte'],
  ['closes on bad input', '20 bad messages within 10 s close with 1008, one fewer does not; each is answered'],
  ['silent on bad input', '20 bad messages within 10 s close with 1008, one fewer does not; each is answered'],
  ['never strikes', '20 bad messages within 10 s close with 1008, one fewer does not; each is answered'],
  ['wrong checksum', 'Binary Response (10-binary.jsonl)'],
  ['delivers repetitions', 'copies that are sent without waiting for the answer get the same one'],
];

const tokens = ['one', 'two', 'three'];

async function verdictsOf(mistake: Mistake, title: string): Promise<readonly Verdict[]> {
  const server = await startWrongServer(mistake, tokens);
  try {
    const scenarios = topics.scenarios.filter((scenario) => scenario.title === title);
    const settings = { url: server.url, tokens, longestWaitSeconds: 0, limits: defaultLimits };
    const results = await Promise.all(runSuite(topics, settings, scenarios));
    return results.map((result) => result.verdict);
  } finally {
    await server.stop();
  }
}

// At once, since some of it is waiting for what never comes.
describe.concurrent('a server that is mistaken is found out', () => {
  it.each(mistakes)('%s', async (mistake, title) => {
    const verdicts = await verdictsOf(mistake, title);
    expect(verdicts.map(({ kind }) => kind)).toEqual(['failed']);
  });

  it.each([...new Set(mistakes.map(([, title]) => title))])('without a mistake it passes: %s', async (title) => {
    expect(await verdictsOf('nothing', title)).toEqual([{ kind: 'passed' }]);
  });
});
