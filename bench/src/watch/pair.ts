import { setTimeout as sleep } from 'node:timers/promises';
import { isMessage, Talker, type Message } from '../clients/messages.js';

const RETRY_MS = 250;
const MOST_TRIES = 40;
/** As browsers make them, of some thousand bytes. */
const SDP = `v=0\r\n${'a=candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host\r\n'.repeat(35)}`;

export interface Credentials {
  readonly deviceId: string;
  readonly key: string;
  /** The viewer's. */
  readonly token: string;
}

/** ms since the viewer's first `watch_request`. */
export interface Setup {
  readonly sessionId: string;
  /** Until the device has its own. */
  readonly deviceMs: number;
  /** Until the device's answer to the viewer's offer is with the viewer. */
  readonly answerMs: number;
}

/** A device and the one who watches it. */
export class Pair {
  /** When the device heard of which session; what took too long for the viewer may have reached the device all the same. */
  private readonly asked = new Map<string, number>();
  /** How often the viewer was told to come back later, the last time. */
  refused = 0;

  private constructor(
    private readonly deviceId: string,
    private readonly device: Talker,
    private readonly viewer: Talker,
  ) {
    device.onMessage = (heard) => {
      if (heard['type'] === 'watch_request') this.asked.set(sessionIn(heard), performance.now());
    };
  }

  /** On these ports. */
  static async open(
    ports: { readonly device: number; readonly viewer: number },
    { deviceId, key, token }: Credentials,
  ): Promise<Pair> {
    const device = await Talker.open({ port: ports.device, path: '/ws/device' });
    await hello(device, { device_id: deviceId, key });
    const viewer = await Talker.open({ port: ports.viewer, path: '/ws/viewer', token });
    await hello(viewer, {});
    return new Pair(deviceId, device, viewer);
  }

  /** The device answers an offer as soon as it comes; the viewer offers as soon as it may. */
  async setUp(): Promise<Setup> {
    const { device, viewer } = this;
    this.refused = 0;
    const startedAt = performance.now();
    const ready = await this.insist('watch_request', { device_id: this.deviceId }, 'watch_ready');
    const sessionId = sessionIn(ready);
    const offered = device.next('the offer', is('signal_offer', sessionId));
    const answered = viewer.next('the answer', is('signal_answer', sessionId));
    viewer.send(message('signal_offer', { session_id: sessionId, sdp: { type: 'offer', sdp: SDP } }));
    // In order: the request came before it.
    await offered;
    device.send(message('signal_answer', { session_id: sessionId, sdp: { type: 'answer', sdp: SDP } }));
    await answered;
    const askedAt = this.asked.get(sessionId) ?? NaN;
    this.asked.clear();
    const answerMs = performance.now() - startedAt;
    return { sessionId, deviceMs: askedAt - startedAt, answerMs };
  }

  /** Until both have been told. */
  async end(sessionId: string): Promise<void> {
    const told = this.device.next('watch_ended', is('watch_ended', sessionId));
    await this.insist('end_watch', { session_id: sessionId }, 'watch_ended');
    await told;
  }

  async close(): Promise<void> {
    await Promise.all([this.device.close(), this.viewer.close()]);
  }

  /** Again and again while the viewer is told to come back later; what was done all the same is no session any more. */
  private async insist(type: string, payload: object, wanted: string): Promise<Message> {
    for (let tries = 1; ; tries++) {
      const answered = this.viewer.next(wanted, (heard) => heard['type'] === wanted || heard['type'] === 'error');
      this.viewer.send(message(type, payload));
      const answer = await answered;
      const text = JSON.stringify(answer['payload']);
      if (answer['type'] === wanted || (tries > 1 && text.includes('Session not found'))) return answer;
      if (!text.includes('try again later') || tries === MOST_TRIES) throw new Error(`${type} was answered ${text}`);
      this.refused += 1;
      await sleep(RETRY_MS);
    }
  }
}

async function hello(talker: Talker, payload: object): Promise<void> {
  const answer = talker.next('hello_ack', () => true);
  talker.send(message('hello', payload));
  const { type } = await answer;
  if (type !== 'hello_ack') throw new Error(`a hello was answered with ${String(type)}`);
}

function message(type: string, payload: object): object {
  return { type, ts: new Date().toISOString(), payload };
}

function sessionIn({ payload }: Message): string {
  return isMessage(payload) ? String(payload['session_id']) : '';
}

function is(type: string, sessionId: string): (message: Message) => boolean {
  return (heard) => heard['type'] === type && sessionIn(heard) === sessionId;
}
