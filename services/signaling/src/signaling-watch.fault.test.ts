import {
  compile,
  DeviceId,
  devices,
  newConnectionId,
  newGatewayId,
  newUserId,
  watch,
  watchEvent,
  type ConnectionId,
  type SignalType,
  type WatchSessionId,
} from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { persist, ProcessFixture } from './test/process-fixture.js';
import { valueOf } from './test/voice-fixture.js';

const PAIRS = 24;
/** As many candidates of each side, before and after the owner dies. */
const CANDIDATES = 8;
const deviceIdCheck = compile(DeviceId);

let fixture: ProcessFixture;
beforeEach(async () => {
  fixture = await ProcessFixture.start();
});
afterEach(() => fixture.stop());

/** A device and its owner who watches it, each on a connection of its own; what is refused is asked again, as people do. */
class Pair {
  readonly userId = newUserId();
  readonly deviceLink = { connectionId: newConnectionId(), gatewayId: newGatewayId() };
  readonly viewerLink = { connectionId: newConnectionId(), gatewayId: newGatewayId() };
  private readonly deviceId: DeviceId;

  constructor(number: number) {
    const id = `cam-${String(number)}`;
    if (!deviceIdCheck.is(id)) throw new Error(id);
    this.deviceId = id;
  }

  async connect(): Promise<void> {
    const { deviceId, userId: actorId } = this;
    const registration = { actorId, deviceId, name: 'A camera', auth: 'none' } as const;
    await persist(() => fixture.bus.call(devices.register, registration));
    await persist(() => fixture.bus.call(devices.connect, { deviceId, ...this.deviceLink }));
  }

  async request(): Promise<WatchSessionId> {
    const { deviceId, userId } = this;
    const ready = await persist(() => fixture.bus.call(watch.request, { deviceId, userId, ...this.viewerLink }));
    if (ready.result !== 'ready') throw new Error(ready.result);
    return ready.sessionId;
  }

  async signal(sessionId: WatchSessionId, role: 'device' | 'viewer', type: SignalType, text: string): Promise<void> {
    const { deviceId, userId } = this;
    const from = role === 'device' ? { role, deviceId } : { role, userId };
    const link = role === 'device' ? this.deviceLink : this.viewerLink;
    const body = Buffer.from(JSON.stringify(text));
    await persist(() => fixture.bus.call(watch.signal, { sessionId, from, ...link, type }, { body }));
  }

  async end(sessionId: WatchSessionId): Promise<void> {
    const request = { sessionId, userId: this.userId, connectionId: this.viewerLink.connectionId };
    const ended = await persist(async () => {
      const outcome = await fixture.bus.call(watch.end, request);
      // Its first answer may have been lost with the owner.
      return !outcome.ok && outcome.error.code === 'not_found' ? { ok: true, value: {} } : outcome;
    });
    expect(ended).toEqual({});
  }

  async history() {
    const query = { actorId: this.userId, limit: 100 };
    return (await persist(() => fixture.bus.call(watch.list, query))).sessions;
  }
}

/** What a connection is told of a session, in order, as the stream has it; what was asked twice may be told twice. */
async function toldOf(connectionId: ConnectionId, sessionId: WatchSessionId): Promise<readonly string[]> {
  const told: string[] = [];
  const { events } = valueOf(
    await fixture.bus.read({ stream: 'EVENTS', subject: watchEvent.subject(connectionId), after: 0, limit: 1_000 }),
  );
  for (const event of events) {
    const news = watchEvent.decode(event);
    const payload = news?.payload;
    if (payload === undefined || payload.type === 'closed' || payload.type === 'presence') continue;
    if (payload.sessionId !== sessionId) continue;
    const word =
      payload.type === 'signal' ? String(JSON.parse(Buffer.from(news?.body ?? []).toString())) : payload.type;
    if (told.at(-1) !== word) told.push(word);
  }
  return told;
}

it('an owner killed with SIGKILL loses nothing that it answered, and leaves no session open', async () => {
  const [doomed] = await Promise.all([fixture.service('signaling'), fixture.service('signaling')]);
  const pairs = Array.from({ length: PAIRS }, (_, index) => new Pair(index));
  await Promise.all(pairs.map((pair) => pair.connect()));
  const candidates = (role: string, part: string): readonly string[] =>
    Array.from({ length: CANDIDATES }, (_, index) => `${role} ${part} ${String(index)}`);

  const sessions = await Promise.all(
    pairs.map(async (pair, index) => {
      const id = await pair.request();
      const say = async (role: 'device' | 'viewer', part: string): Promise<void> => {
        for (const text of candidates(role, part)) await pair.signal(id, role, 'ice', text);
      };
      await pair.signal(id, 'viewer', 'offer', 'offer');
      // Half of the pairs lose the owner of their shard, each wherever it is just then.
      if (index === 0) await doomed.kill('SIGKILL');
      await say('viewer', 'early');
      await pair.signal(id, 'device', 'answer', 'answer');
      await Promise.all([say('viewer', 'late'), say('device', 'late')]);
      await pair.end(id);
      return id;
    }),
  );

  const toDevice = ['requested', 'offer', ...candidates('viewer', 'early'), ...candidates('viewer', 'late'), 'ended'];
  const toViewer = ['answer', ...candidates('device', 'late')];
  for (const [index, pair] of pairs.entries()) {
    const id = sessions[index];
    if (id === undefined) throw new Error('no session');
    // What was committed is published a moment after it was answered.
    const { connectionId } = pair.deviceLink;
    await waitFor(async () => (await toldOf(connectionId, id)).at(-1) === 'ended', 'the end to be told', 15_000);
    expect(await toldOf(connectionId, id)).toEqual(toDevice);
    expect(await toldOf(pair.viewerLink.connectionId, id)).toEqual(toViewer);
    const history = await pair.history();
    expect(history.find((session) => session.id === id)).toMatchObject({ state: 'ended', reason: 'user_ended' });
    expect(history.filter(({ state }) => state !== 'ended')).toEqual([]);
  }
});
