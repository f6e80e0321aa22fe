import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ok } from '@parley/contracts';
import { startChild, waitFor, type Child } from '@parley/testing';
import { expect, test } from 'vitest';
import type { Bus } from './bus.js';
import { RepairingSubscriber } from './test/repairing.js';
import { echo, keyed, onEveryNats, sample } from './test/fixture.js';

const SUBJECTS = ['one', 'two', 'three'];
const TTL_MS = 6_000;
const holderScript = fileURLToPath(new URL('../dist/test/hold-lease.js', import.meta.url));

async function startHolder(url: string): Promise<{ child: Child; gatewayId: string }> {
  const child = await startChild({ name: 'lease holder', command: process.execPath, args: [holderScript, url] });
  const gatewayId = await child.line('its lease', 15_000, (line) => /holds (\S+)/.exec(line)?.[1]);
  return { child, gatewayId };
}

/** Publishes until `stop`, several at once per subject; what was acknowledged is kept. */
function publishing(bus: Bus): { acknowledged: Map<string, number[]>; failed: string[]; stop(): Promise<void> } {
  const acknowledged = new Map<string, number[]>(SUBJECTS.map((id) => [id, []]));
  const failed: string[] = [];
  let going = true;
  const one = async (id: string): Promise<void> => {
    let n = 0;
    while (going) {
      const batch = Array.from({ length: 8 }, () => n++);
      await Promise.all(
        batch.map(async (number) => {
          const options = { messageId: `${id}-${number}`, deadlineMs: 20_000 };
          const outcome = await bus.publish(sample, id, { n: number }, options);
          if (outcome.ok) acknowledged.get(id)?.push(number);
          else failed.push(`${id} ${number}: ${outcome.error.code}`);
        }),
      );
    }
  };
  const running = Promise.all(SUBJECTS.map(one));
  return {
    acknowledged,
    failed,
    async stop() {
      going = false;
      await running;
    },
  };
}

onEveryNats('when NATS is killed', (fixture) => {
  test('no acknowledged event is missed, none comes twice, and their order holds', async () => {
    const [publisher, gateway] = [await fixture.connect(), await fixture.connect()];
    const subscribers = new Map(SUBJECTS.map((id) => [id, new RepairingSubscriber(gateway, sample.subject(id))]));
    await gateway.flush();
    const load = publishing(publisher);
    const count = (): number => [...load.acknowledged.values()].reduce((sum, numbers) => sum + numbers.length, 0);
    for (let kill = 0; kill < 3; kill++) {
      const before = count();
      await waitFor(() => count() > before + 2_000, 'events under way', 20_000);
      await fixture.nats.kill('SIGKILL');
      await fixture.nats.restart();
    }
    const before = count();
    await waitFor(() => count() > before + 500, 'events after the last restart', 20_000);
    await load.stop();
    expect(load.failed).toEqual([]);
    for (const [id, subscriber] of subscribers) {
      const sent = load.acknowledged.get(id)?.length ?? 0;
      await waitFor(() => subscriber.delivered.length >= sent, `all of ${id}`, 20_000);
      const received = subscriber.delivered.map((event) => sample.decode(event)?.payload.n);
      // Each number once, in the order of publication: nothing missed, nothing twice, nothing turned round.
      expect(received).toEqual(Array.from({ length: sent }, (_, n) => n));
      expect(subscriber.repairs).toBeGreaterThan(0);
    }
  });

  test('requests fail clearly or succeed, and none hangs', async () => {
    const [asker, service] = [await fixture.connect(), await fixture.connect()];
    service.serve(echo, async (request) => ok(request));
    for (let shard = 0; shard < 64; shard++) service.serveShard(keyed, shard, async ({ n }) => ok({ n }));
    await service.flush();
    const seen = new Map<string, number>();
    let longest = 0;
    let going = true;
    const asking = Promise.all(
      Array.from({ length: 16 }, async (_, worker) => {
        for (let n = 0; going; n++) {
          const startedAt = performance.now();
          const outcome = await (worker % 2 === 0 ? asker.call(echo, { n }) : asker.call(keyed, { key: `${n}`, n }));
          longest = Math.max(longest, performance.now() - startedAt);
          const said = outcome.ok ? 'ok' : outcome.error.code;
          seen.set(said, (seen.get(said) ?? 0) + 1);
        }
      }),
    );
    await waitFor(() => (seen.get('ok') ?? 0) > 1_000);
    await fixture.nats.kill('SIGKILL');
    await fixture.nats.restart();
    const before = seen.get('ok') ?? 0;
    await waitFor(() => (seen.get('ok') ?? 0) > before + 1_000, 'answers after the restart', 15_000);
    going = false;
    await asking;
    expect([...seen.keys()].filter((said) => !['ok', 'unavailable', 'timeout'].includes(said))).toEqual([]);
    expect(longest).toBeLessThan(keyed.deadlineMs + 1_000);
  });

  test('no gateway is declared lost, and one that dies is, within 15 s', async () => {
    const watcher = await fixture.connect();
    const lost: string[] = [];
    let settled = 0;
    await watcher.watchLeases({
      joined: () => undefined,
      lost: (info) => lost.push(info.gatewayId),
      settled: () => settled++,
    });
    const [steady, victim] = await Promise.all([startHolder(fixture.nats.url), startHolder(fixture.nats.url)]);
    await waitFor(() => watcher.gateways().length === 2);
    await fixture.nats.kill('SIGKILL');
    // Longer than a lease: whoever judged by the clock alone would now judge everyone.
    await new Promise((resolve) => setTimeout(resolve, TTL_MS + 500));
    await fixture.nats.restart();
    await waitFor(() => settled > 0, 'a full lease time of connection', 15_000);
    expect(lost).toEqual([]);
    expect(watcher.gateways().length).toBe(2);

    const killedAt = performance.now();
    await victim.child.kill('SIGKILL');
    await waitFor(() => lost.length > 0, 'the loss', 15_000);
    expect(lost).toEqual([victim.gatewayId]);
    expect(performance.now() - killedAt).toBeLessThan(15_000);
    expect(watcher.gateways().map((info) => info.gatewayId)).toEqual([steady.gatewayId]);
    await steady.child.kill('SIGKILL');
  });

  test('and loses its store, the streams are made anew and say so', async () => {
    const bus = await fixture.connect();
    await bus.publish(sample, 'lost', { n: 1 }, { messageId: 'before the loss' });
    await bus.position('EVENTS');
    const epoch = bus.epoch('EVENTS');
    await fixture.nats.kill('SIGKILL');
    await rm(fixture.nats.storeDir, { recursive: true, force: true });
    await fixture.nats.restart();
    const published = await bus.publish(sample, 'lost', { n: 2 }, { messageId: 'after it', deadlineMs: 20_000 });
    expect(published).toMatchObject({ ok: true, value: { sequence: 1 } });
    await bus.position('EVENTS');
    expect(bus.epoch('EVENTS')).not.toBe(epoch);
    expect(epoch).not.toBe('');
  });

  test('closing while it is gone ends in time', async () => {
    const bus = await fixture.connect();
    bus.serve(echo, async (request) => ok(request));
    const publishing = bus.publish(sample, 'closing', { n: 1 }, { messageId: 'closing' });
    await fixture.nats.kill('SIGKILL');
    await waitFor(() => bus.status() === 'disconnected');
    const pending = bus.call(echo, { n: 1 }, { deadlineMs: 60_000 });
    const startedAt = performance.now();
    await bus.close(1_000);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    await publishing;
    expect(await pending).toMatchObject({ ok: false });
    await fixture.nats.restart();
  });

  test('or only stands still, a lagging connection is a fault until it is over', async () => {
    const bus = await fixture.connect({ lagLimitMs: 300 });
    const faults: string[] = [];
    bus.onFault((fault) => faults.push(fault.message));
    fixture.nats.process.signal('SIGSTOP');
    await waitFor(() => faults.length > 0, 'the fault', 10_000);
    expect(bus.faults().map((fault) => fault.code)).toEqual(['unavailable']);
    fixture.nats.process.signal('SIGCONT');
    await waitFor(() => bus.faults().length === 0, 'its end', 10_000);
    expect(faults).toEqual(['The bus is more than 300 ms behind.']);
  });
});
