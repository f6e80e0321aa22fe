import { watchEvent, type SignalType, type WatchSessionId } from '@parley/contracts';
import { send, type SendCommand } from '../command.js';
import { encoder, encoders, type Encoded } from '../dialect.js';
import { jsonFrame, MUST, textFrame, type Frame } from '../frame.js';
import { concat } from '../json-text.js';
import type { Built } from './down.js';

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** A message without what every message has. */
export type Told = DistributiveOmit<Built, 'ts' | 'request_id'>;

/** How and when something is said, and in answer to what. */
export interface Speech {
  /** ms since 1970 */
  readonly at: number;
  readonly requestId?: string | undefined;
}

const text = new TextEncoder();
/** Which field of a signal's message has what was passed on. */
const fieldOf: Record<SignalType, 'sdp' | 'candidate'> = { offer: 'sdp', answer: 'sdp', ice: 'candidate' };

/** What is told on a party's own subject; a party is one connection. */
export const watchEncoders = encoders(
  encoder(watchEvent, ({ payload, body }) => {
    const { at } = payload;
    switch (payload.type) {
      case 'requested': {
        const { sessionId: session_id, userId: user_id, iceServers: ice_servers } = payload;
        return encoded(frameOf({ at }, { type: 'watch_request', payload: { session_id, user_id, ice_servers } }));
      }
      case 'signal':
        return body === undefined ? undefined : encoded(signalFrame(at, payload.sessionId, payload.signal, body));
      case 'ended': {
        const { sessionId: session_id, reason } = payload;
        return encoded(frameOf({ at }, { type: 'watch_ended', payload: { session_id, reason } }));
      }
      case 'presence': {
        const { deviceId: device_id, presence } = payload;
        const frame = frameOf({ at }, { type: 'device_presence', payload: { device_id, presence } });
        return { frames: [frame], delivery: { class: 'newest', key: `presence ${device_id}` } };
      }
      case 'closed':
        // The session whom it concerns closes.
        return undefined;
    }
  }),
);

function encoded(frame: Frame): Encoded {
  return { frames: [frame], delivery: MUST };
}

export function reply(speech: Speech, told: Told): SendCommand {
  return send(frameOf(speech, told));
}

/** In the order of the document's fields. */
export function frameOf({ at, requestId }: Speech, { type, payload }: Told): Frame {
  const ts = new Date(at).toISOString();
  return jsonFrame({ type, ...(requestId === undefined ? {} : { request_id: requestId }), ts, payload });
}

/** Around the sender's own bytes: no number is rounded, no key moved. */
function signalFrame(at: number, sessionId: WatchSessionId, signal: SignalType, body: Uint8Array): Frame {
  const head = `{"type":"signal_${signal}","ts":"${new Date(at).toISOString()}","payload":{"session_id":"${sessionId}","${fieldOf[signal]}":`;
  return textFrame(concat([text.encode(head), body, text.encode('}}')]));
}
