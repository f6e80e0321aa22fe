import { waitFor } from '@parley/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { must } from './chat-room.js';
import { FuzzRig, SEED } from './fuzz/rig.js';
import { newWatchTally, WatchThrower } from './fuzz/watch-thrower.js';
import { register } from './people.js';
import { watching, WatchClient } from './watch-client.js';

const LANES = 8;

let rig: FuzzRig;
let bystanders: Bystanders;

beforeAll(async () => {
  rig = await FuzzRig.start({ PARLEY_WATCH_DEVICES_PER_OWNER_MAX: '10000', PARLEY_WATCH_GRACE_MS: '500' });
  bystanders = await Bystanders.start();
  await rig.settled(2);
});
afterAll(() => rig.stop());

/** A device and a viewer who exchange candidates, and have nothing to do with what goes on around them. */
class Bystanders {
  private running = true;
  private sent = 0;
  private readonly done: Promise<void>;

  private constructor(
    private readonly device: WatchClient,
    private readonly viewer: WatchClient,
    private readonly sessionId: string,
  ) {
    this.done = this.run();
    this.done.catch(() => undefined);
  }

  static async start(): Promise<Bystanders> {
    const { wsUrl, url } = rig.cluster.gateway(1);
    const owner = await register(url);
    await must('POST', `${url}/devices`, owner.token, {
      device_id: 'bystander',
      device_name: 'A camera',
      auth: 'none',
    });
    const device = await new WatchClient('/ws/device', { device_id: 'bystander' }).connect(wsUrl);
    const viewer = await new WatchClient('/ws/viewer', { token: owner.token }).connect(wsUrl);
    return new Bystanders(device, viewer, await watching(device, viewer, 'bystander'));
  }

  /** Returns how many candidates each has got; fails unless it is every one, once and in order, and nothing else. */
  async stop(): Promise<number> {
    this.running = false;
    await this.done;
    const all = Array.from({ length: this.sent }, (_, index) => String(index));
    for (const party of [this.device, this.viewer]) {
      expect(candidatesOf(party)).toEqual(all);
      expect(party.heard.filter(({ type }) => type === 'error' || type === 'watch_ended')).toEqual([]);
      expect(party.closeCode).toBeUndefined();
    }
    return this.sent;
  }

  /** The next one when both have got the last. */
  private async run(): Promise<void> {
    while (this.running) {
      const candidate = { candidate: String(this.sent++), sdpMid: '0' };
      for (const party of [this.device, this.viewer]) {
        party.send('signal_ice', { session_id: this.sessionId, candidate });
      }
      const have = (): boolean => [this.device, this.viewer].every((party) => candidatesOf(party).length === this.sent);
      await waitFor(have, `candidate ${candidate.candidate}`, 20_000);
    }
  }
}

function candidatesOf({ heard }: WatchClient): (string | undefined)[] {
  return heard.filter(({ type }) => type === 'signal_ice').map(({ payload }) => payload.candidate?.candidate);
}

test(`20,000 hostile frames: each has its answer, what passes passes unharmed, no crash, no leak, and bystanders notice nothing (seed ${String(SEED)})`, async () => {
  const { url, wsUrl } = rig.cluster.gateway(1);
  let devices = 0;
  await rig.expectFlat([4_000, 8_000, 8_000], async (round, count) => {
    const tally = newWatchTally();
    await rig.throwFrames(LANES, { round, count }, tally, async (random, thrower) => {
      devices += 1;
      const id = `thrower-${String(devices)}`;
      await must('POST', `${url}/devices`, thrower.token, { device_id: id, device_name: 'A camera', auth: 'none' });
      await WatchThrower.live(wsUrl, thrower, id, tally, random);
    });
    expect(tally.bad).toBeGreaterThan(count / 6);
    expect(tally.passed).toBeGreaterThan(count / 10);
  });
  expect(await bystanders.stop()).toBeGreaterThan(100);
}, 240_000);
