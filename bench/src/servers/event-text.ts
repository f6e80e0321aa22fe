import { newMessageId } from '@parley/contracts';

export const TOPIC = 'bench.fanout';
/** Makes the whole frame about 230 bytes, most of it the envelope. */
export const PAYLOAD = '{"user":"u-1842","text":"good evening, how is it going over there?"}';
const payload: unknown = JSON.parse(PAYLOAD);

/** What the gateway sends for one message of the topic, as an object and as text: the same length for every server. */
export function eventOf(sequence: number) {
  const metadata = { sent_at: Date.now(), message_id: newMessageId(), sequence };
  return { type: 'Broadcast', data: { topic: TOPIC, payload, metadata } };
}

export function eventText(sequence: number): string {
  return JSON.stringify(eventOf(sequence));
}

/** The same as a finished WebSocket frame. */
export function eventFrame(sequence: number): Buffer {
  const text = Buffer.from(eventText(sequence));
  const header = Buffer.from([0x81, 126, text.length >> 8, text.length & 0xff]);
  return Buffer.concat([header, text]);
}
