import { compile } from '@parley/contracts';
import { waitFor, within } from '@parley/testing';
import { Type } from '@sinclair/typebox';
import { randomUUID } from 'node:crypto';
import { chatRoom, must } from '../chat-room.js';
import { PartyClient } from '../party-client.js';
import { call, logIn, registerMany, type Person } from '../people.js';
import { Stage, type Gateways } from '../telemetry/stage.js';
import { WireClient } from '../telemetry/wire-client.js';
import { TopicsClient } from '../topics-client.js';
import { WatchClient, watching } from '../watch-client.js';

const idCheck = compile(Type.Object({ id: Type.String() }));
const partyCheck = compile(Type.Object({ id: Type.String(), host_token: Type.String() }));

const LARGE = 'x'.repeat(262_144);
const CLOSED_MS = 30_000;

/** People on both gateways who do, in every dialect, whatever some metric counts. */
export class Everything {
  private readonly ends: (() => unknown)[] = [];

  private constructor(
    private readonly gateways: Gateways,
    private readonly stage: Stage,
    private readonly people: readonly [Person, Person],
  ) {
    this.ends.push(() => {
      stage.close();
    });
  }

  static async open(gateways: Gateways): Promise<Everything> {
    const [one, two] = await registerMany(gateways.gateway(1).url, 2);
    if (one === undefined || two === undefined) throw new Error('nobody registered');
    return new Everything(gateways, await Stage.open(gateways), [one, two]);
  }

  /** What happens all the time. */
  async everyday(): Promise<void> {
    const { stage } = this;
    await Promise.all([
      ...[stage.chat(randomUUID()), stage.topics('Hello.'), stage.collab('Hello.'), stage.watch('v=0'), stage.party()],
      ...[this.logins(), this.voice(), this.direct(), this.watching(), this.parties(), this.histories()],
    ]);
  }

  /** Those who read nothing, until they are closed for it. */
  async slowReaders(number: number): Promise<void> {
    const { wsUrl } = this.gateways.gateway(1);
    const [{ token }] = this.people;
    const [publisher, ...readers] = await Promise.all(
      Array.from({ length: 1 + number }, () => TopicsClient.connect(wsUrl, token)),
    );
    if (publisher === undefined) throw new Error('no publisher');
    for (const reader of readers) {
      await reader.subscribe(['large']);
      reader.ws.pause();
    }
    const drained = Promise.all(readers.map(({ closed }) => closed));
    // More than the kernel's buffers and the outbox take.
    for (let sent = 0; sent < 64; sent++) {
      await publisher.ask('Broadcast', { topic: 'large', payload: LARGE }, randomUUID());
    }
    for (const reader of readers) reader.ws.resume();
    await within(CLOSED_MS, 'the end of the slow readers', drained);
    await publisher.close();
  }

  /** What is refused, at the door and behind it. */
  async refusals(): Promise<void> {
    const { url, wsUrl } = this.gateways.gateway(1);
    const [{ token, username }] = this.people;
    await call('GET', `${url}/channels/${randomUUID()}/messages`, token);
    await call('POST', `${url}/auth/login`, '', { username, password: 'the wrong one' });
    await TopicsClient.dial(`${wsUrl}/ws/nothing`, token).catch(() => undefined);
  }

  /** Asks until nobody is there to answer. */
  async unanswered(path: string): Promise<void> {
    const { url } = this.gateways.gateway(1);
    const asked = async (): Promise<boolean> => (await call('GET', url + path, this.people[0].token)).status >= 500;
    await waitFor(asked, `${path} to fail`, CLOSED_MS);
  }

  /** Someone who listens on the second gateway while another publishes on the first, until `stop`. */
  async chatter(): Promise<{ stop(): Promise<void> }> {
    const [speaker, listener] = [await this.topics(1, 0), await this.topics(2, 1)];
    await listener.subscribe(['chatter']);
    let going = true;
    const speak = async (): Promise<void> => {
      while (going && speaker.open) {
        await speaker.ask('Broadcast', { topic: 'chatter', payload: 'Hello.' }, randomUUID());
      }
    };
    const lanes = Promise.all([speak(), speak(), speak(), speak()]);
    return {
      stop: async () => {
        going = false;
        await lanes;
      },
    };
  }

  async close(): Promise<void> {
    for (const end of this.ends) await end();
  }

  private async logins(): Promise<void> {
    await logIn(this.gateways.gateway(1).url, this.people[0]);
  }

  private async voice(): Promise<void> {
    const { url } = this.gateways.gateway(1);
    const [one, two] = this.people;
    const { voiceId } = await chatRoom(url, [one, two]);
    const clients = await Promise.all(
      [one, two].map(({ token }, index) => this.wire(index + 1, `/ws/chat?token=${token}`)),
    );
    const [mine, theirs] = clients;
    for (const client of clients) await client.hears('READY');
    for (const { token } of [one, two]) await must('POST', `${url}/channels/${voiceId}/voice`, token, {});
    const mark = randomUUID();
    mine?.send({ op: 'VOICE_SIGNAL', d: { to_user_id: two.id, signal: { candidate: mark } } });
    await theirs?.hears(mark);
    await must('DELETE', `${url}/channels/${voiceId}/voice`, two.token);
  }

  private async direct(): Promise<void> {
    const [one, two] = [await this.topics(1, 0), await this.topics(2, 1)];
    one.send({ type: 'Presence', data: { status: 'away' } });
    await one.ask('DirectMessage', { target_user: this.people[1].id, payload: 'Hello.' }, randomUUID());
    await waitFor(() => two.directs.length > 0, 'the direct message');
    await Promise.all([one.close(), two.close()]);
  }

  /** A session that is set up and ended, another that breaks. */
  private async watching(): Promise<void> {
    const [{ token }] = this.people;
    const deviceId = `camera-${randomUUID()}`;
    const { url, wsUrl } = this.gateways.gateway(1);
    await must('POST', `${url}/devices`, token, { device_id: deviceId, device_name: 'A camera', auth: 'none' });
    const device = await new WatchClient('/ws/device', { device_id: deviceId }).connect(this.gateways.gateway(2).wsUrl);
    const viewer = await new WatchClient('/ws/viewer', { token }).connect(wsUrl);
    const sessionId = await watching(device, viewer, deviceId);
    viewer.send('end_watch', { session_id: sessionId, reason: 'user_request' });
    await device.until('watch_ended', sessionId);
    await watching(device, viewer, deviceId);
    device.close();
    viewer.close();
  }

  /** One who leaves, one who is lost, and an end. */
  private async parties(): Promise<void> {
    const { url } = this.gateways.gateway(1);
    const made = await must('POST', `${url}/sessions`, this.people[0].token, { name: 'A party' });
    if (!partyCheck.is(made)) throw new Error('no party');
    const at = (gateway: number) => () => this.gateways.gateway(gateway).wsUrl;
    const host = await PartyClient.join({ sessionId: made.id, hostToken: made.host_token }, at(1));
    const guest = await PartyClient.join({ sessionId: made.id }, at(2));
    await guest.leave();
    host.send({ type: 'close_session' });
    await waitFor(() => host.heard.some(({ type }) => type === 'session_closed'), 'the end of the party');
    host.drop();
  }

  /** What is stored is read again: a topic's history, and a room that nobody is in. */
  private async histories(): Promise<void> {
    const { url } = this.gateways.gateway(1);
    const [{ token }] = this.people;
    const client = await this.topics(1, 0);
    await client.ask('Broadcast', { topic: 'kept', payload: 'Hello.' }, randomUUID());
    client.send({ type: 'History', data: { topic: 'kept' } });
    await client.other('the history', ({ type }) => type === 'History');
    const room = await must('POST', `${url}/rooms`, token, { type: 'text', content: 'Hello.', public: true });
    if (!idCheck.is(room)) throw new Error('no room');
    await must('GET', `${url}/rooms/${room.id}`, token);
  }

  private async topics(gateway: number, who: 0 | 1): Promise<TopicsClient> {
    const client = await TopicsClient.connect(this.gateways.gateway(gateway).wsUrl, this.people[who].token);
    this.ends.push(() => client.close());
    return client;
  }

  private async wire(gateway: number, path: string): Promise<WireClient> {
    const client = await new WireClient(this.gateways.gateway(gateway).wsUrl + path).opened();
    this.ends.push(() => {
      client.close();
    });
    return client;
  }
}
