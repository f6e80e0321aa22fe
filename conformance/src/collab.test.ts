import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Accounts } from './accounts.js';
import { connected, error, fromServer, message, operation } from './collab/steps.js';
import { collab } from './collab/suite.js';
import { Client } from './client.js';
import { withToken } from './context.js';
import { at } from './match.js';
import { Rest } from './rest.js';
import { runSuite, type Result } from './runner.js';
import type { Scenario } from './scenario.js';
import { gaps, rulesOf } from './spec.js';
import { startClusterUnderTest, type ClusterUnderTest } from './testing/cluster-under-test.js';

/** Waits that no test run should take; the command line runs them with `--longest-wait`. */
const TOO_LONG = ['KA2'];
/** Long enough to see a ping after 30 s of silence. */
const TOKEN_SECONDS = 37;

describe('collab', () => {
  it('every rule of SPEC.md is proved by a scenario, or said to be beyond them', () => {
    expect(gaps(collab, rulesOf('collab'))).toEqual({ unproved: [], unknown: [], provedAfterAll: [] });
  });
});

describe('collab, on two gateways', () => {
  let world: ClusterUnderTest;
  const results = new Map<Scenario, Promise<Result>>();

  beforeAll(async () => {
    world = await startClusterUnderTest({ dialect: 'collab', tokenSeconds: TOKEN_SECONDS });
    const running = runSuite(collab, world.settings);
    collab.scenarios.forEach((scenario, index) => {
      const result = running[index];
      if (result !== undefined) results.set(scenario, result);
    });
  });

  afterAll(async () => {
    await world.stop();
  });

  const named = collab.scenarios.map(
    (scenario) => [`${scenario.rules.join(', ')}: ${scenario.title}`, scenario] as const,
  );

  it.each(named)('%s', async (_, scenario) => {
    const verdict = (await results.get(scenario))?.verdict;
    const tooLong = scenario.rules.every((rule) => TOO_LONG.includes(rule));
    if (verdict?.kind === 'failed') expect.fail(`${verdict.message}\n${verdict.frame ?? ''}`);
    expect(verdict?.kind).toBe(tooLong ? 'skipped' : 'passed');
  });

  // What follows takes the cluster apart, so it comes last.
  it('ER9, ER11: without its service an operation is 5002 and done when it is sent again; shutdown closes with 1001', async () => {
    const { rest: base = '', url, secondUrl = '' } = world.settings;
    const rest = new Rest(base, undefined);
    const { token } = await new Accounts(rest, []).borrow(true);
    const [stays, goes] = [await Client.open(withToken(url, token)), await Client.open(withToken(secondUrl, token))];
    const room = await rest.expect('POST', '/rooms', 201, { bearer: token, body: { type: 'text', content: '' } });
    const joining = message('join_room', { roomId: at(room, 'id') });
    for (const client of [stays, goes]) {
      await client.expect(connected);
      client.send(joining);
      await client.expect(fromServer('room_joined', { version: 1 }));
    }
    await stays.message();

    await world.cluster.kill('rooms');
    const asked = operation({ operation: ['a'], version: 1 });
    stays.send(asked);
    await stays.eventually(error(5002, { messageId: asked.id }), 20_000);
    await world.cluster.restart('rooms');
    await untilDone(stays, asked);
    await goes.eventually((value) => at(value, 'id') === asked.id, 20_000);

    const stopped = world.cluster.process('gateway-2').stop();
    expect((await goes.ended(15_000)).closed.code).toBe(1001);
    await stopped;
    stays.send(message('ping', { timestamp: 1 }));
    await stays.eventually(fromServer('pong', { timestamp: 1 }));
    await stays.close();
  });
});

/** As a client does: again, as long as it is told that this may help. */
async function untilDone(client: Client, asked: { readonly id: string }): Promise<void> {
  for (;;) {
    client.send(asked);
    const answer = await client.eventually(
      (value) => at(value, 'payload.messageId') === asked.id || at(value, 'payload.details.messageId') === asked.id,
      20_000,
    );
    if (at(answer.json, 'type') === 'ack') return;
    expect(at(answer.json, 'payload.recoverable')).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
