import type { Down } from '@parley/dialects/watch/down';
import type { EndWatch, SignalOffer, ViewerHello, WatchRequest } from '@parley/dialects/watch/up';
import type { DeviceHello, SignalAnswer } from '@parley/dialects/watch/up';
import type { Static } from '@sinclair/typebox';
import type { User } from '../lib/accounts.js';
import { isFields, parse, textIn } from '../lib/json.js';
import type { Line } from '../lib/line.js';
import { complain } from '../lib/measures.js';
import { ask } from '../lib/rest.js';
import type { Role } from '../lib/returning.js';

/** As browsers make them, of some thousand bytes. */
export const SDP = `v=0\r\n${'a=candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host\r\n'.repeat(35)}`;

export interface Device {
  readonly id: string;
  readonly key: string;
}

type Heard = (message: Down) => void;

/** A connection of either role, after its hello. */
abstract class WatchRole implements Role {
  readonly dialect = 'watch';
  protected line: Line | undefined;
  /** What follows the hello. */
  listener: Heard = () => undefined;

  abstract path(): string;
  protected abstract hello(): object;

  opened(line: Line): void {
    this.line = line;
    line.say(this.hello());
  }

  heard(text: string): 'there' | undefined {
    const message = parse(text);
    if (!isDown(message)) return undefined;
    if (message.type === 'hello_ack') return 'there';
    this.listener(message);
    return undefined;
  }
}

/** Answers every offer at once, and looks at what it says. */
export class WatchDevice extends WatchRole {
  /** Sessions that it was asked for, and that it was told the end of. */
  readonly asked = new Set<string>();
  readonly ended = new Set<string>();
  /** Told when either changes. */
  changed: () => void = () => undefined;

  constructor(private readonly device: Device) {
    super();
    this.listener = (message) => this.answer(message);
  }

  path(): string {
    return '/ws/device';
  }

  protected hello(): Static<typeof DeviceHello> {
    return { type: 'hello', ts: now(), payload: { device_id: this.device.id, key: this.device.key } };
  }

  private answer(message: Down): void {
    if (message.type === 'watch_request') this.asked.add(message.payload.session_id);
    if (message.type === 'watch_ended') this.ended.add(message.payload.session_id);
    if (message.type === 'signal_offer') {
      const { session_id, sdp } = message.payload;
      if (textIn(sdp, 'sdp') !== SDP) complain('watch: an offer was changed on its way');
      const answer: Static<typeof SignalAnswer> = {
        type: 'signal_answer',
        ts: now(),
        payload: { session_id, sdp: { type: 'answer', sdp: SDP } },
      };
      this.line?.say(answer);
    }
    this.changed();
  }
}

export class WatchViewer extends WatchRole {
  constructor(private readonly user: User) {
    super();
  }

  path(): string {
    return '/ws/viewer';
  }

  protected hello(): Static<typeof ViewerHello> {
    return { type: 'hello', ts: now(), payload: { token: this.user.token } };
  }

  request(deviceId: string): void {
    const message: Static<typeof WatchRequest> = { type: 'watch_request', ts: now(), payload: { device_id: deviceId } };
    this.line?.say(message);
  }

  offer(sessionId: string): void {
    const message: Static<typeof SignalOffer> = {
      type: 'signal_offer',
      ts: now(),
      payload: { session_id: sessionId, sdp: { type: 'offer', sdp: SDP } },
    };
    this.line?.say(message);
  }

  end(sessionId: string): void {
    const message: Static<typeof EndWatch> = { type: 'end_watch', ts: now(), payload: { session_id: sessionId } };
    this.line?.say(message);
  }
}

export async function registerDevice(owner: User, id: string): Promise<Device> {
  const { status, body } = await ask('POST', '/devices', owner.token, { device_id: id, device_name: id });
  if (status !== 201) throw new Error(`no device: ${status} ${JSON.stringify(body)}`);
  return { id, key: textIn(body, 'key') };
}

function now(): string {
  return new Date().toISOString();
}

/** The server is believed here; whether it keeps to the protocol is what the conformance kit asks. */
function isDown(value: unknown): value is Down {
  return isFields(value) && typeof value['type'] === 'string' && isFields(value['payload']);
}
