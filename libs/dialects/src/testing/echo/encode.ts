import { notificationSent } from '@parley/contracts';
import { send, type Commands } from '../../command.js';
import { encoder, encoders } from '../../dialect.js';
import { jsonFrame, MUST, type Frame } from '../../frame.js';
import type { Down } from './down.js';

function frameOf(message: Down): Frame {
  return jsonFrame(message);
}

export function reply(message: Down): Commands {
  return [send(frameOf(message))];
}

/** Events as frames, each built once for every receiver. */
export const echoEncoders = encoders(
  encoder(notificationSent, ({ payload: { title } }) => ({
    frames: [frameOf({ type: 'notice', title })],
    delivery: MUST,
  })),
);
