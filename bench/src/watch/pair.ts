import { isMessage, Talker, type Message } from '../clients/messages.js';

/** As browsers make them, of some thousand bytes. */
const SDP = `v=0\r\n${'a=candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host\r\n'.repeat(35)}`;

export interface Credentials {
  readonly deviceId: string;
  readonly key: string;
  /** The viewer's. */
  readonly token: string;
}

/** ms since the viewer's `watch_request`. */
export interface Setup {
  readonly sessionId: string;
  /** Until the device has its own. */
  readonly deviceMs: number;
  /** Until the device's answer to the viewer's offer is with the viewer. */
  readonly answerMs: number;
}

/** A device and the one who watches it. */
export class Pair {
  private constructor(
    private readonly deviceId: string,
    private readonly device: Talker,
    private readonly viewer: Talker,
  ) {}

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
    const { device, viewer, deviceId } = this;
    const asked = device.next('the request at the device', ({ type }) => type === 'watch_request');
    const ready = viewer.next('watch_ready', ({ type }) => type === 'watch_ready' || type === 'error');
    const startedAt = performance.now();
    const passed = (): number => performance.now() - startedAt;
    viewer.send(message('watch_request', { device_id: deviceId }));
    const atDevice = asked.then(passed);
    const sessionId = sessionOf(await ready);
    const offered = device.next('the offer', ({ type }) => type === 'signal_offer');
    const answered = viewer.next('the answer', ({ type }) => type === 'signal_answer');
    viewer.send(message('signal_offer', { session_id: sessionId, sdp: { type: 'offer', sdp: SDP } }));
    const [deviceMs] = await Promise.all([atDevice, offered]);
    device.send(message('signal_answer', { session_id: sessionId, sdp: { type: 'answer', sdp: SDP } }));
    await answered;
    return { sessionId, deviceMs, answerMs: passed() };
  }

  /** Until both have been told. */
  async end(sessionId: string): Promise<void> {
    const isOver = ({ type }: Message): boolean => type === 'watch_ended';
    const told = [this.device, this.viewer].map((talker) => talker.next('watch_ended', isOver));
    this.viewer.send(message('end_watch', { session_id: sessionId }));
    await Promise.all(told);
  }

  async close(): Promise<void> {
    await Promise.all([this.device.close(), this.viewer.close()]);
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

function sessionOf({ type, payload }: Message): string {
  const sessionId = isMessage(payload) ? payload['session_id'] : undefined;
  if (type !== 'watch_ready' || typeof sessionId !== 'string') {
    throw new Error(`a watch_request was answered ${JSON.stringify(payload)}`);
  }
  return sessionId;
}
