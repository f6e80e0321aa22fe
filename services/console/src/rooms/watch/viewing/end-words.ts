import type { SessionEndReason } from '@parley/client';

const WORDS: Readonly<Record<SessionEndReason, string>> = {
  user_ended: 'You stopped watching.',
  viewer_disconnected: 'The viewer was away for too long.',
  device_disconnected: 'The device has gone: it was stopped, or was away for too long.',
  timeout: 'It took too long: the device did not answer in time, or the session reached its longest time.',
  error: 'The device is not shared any more, or was deleted.',
  disconnected: 'The connection to the server ended for good.',
  lost: 'The server does not know the session any more.',
  failed: 'The two browsers could not reach each other.',
};

export function endWords(reason: SessionEndReason): string {
  return WORDS[reason];
}
