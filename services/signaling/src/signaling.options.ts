import { defineOptions, option, type Options } from '@parley/config';
import { watchOptions } from './watch/watch.options.js';

export const signalingOptions = defineOptions({
  ...watchOptions,
  channelUsersMax: option.integer({
    env: 'PARLEY_VOICE_CHANNEL_USERS_MAX',
    default: 100,
    min: 1,
    max: 10_000,
    doc: 'Users who may be in one voice channel at once.',
  }),
  graceMs: option.integer({
    env: 'PARLEY_VOICE_GRACE_MS',
    default: 10_000,
    min: 0,
    max: 600_000,
    doc: 'How long after the last chat connection of a user they stay in their voice channel, ms.',
  }),
  settleMs: option.integer({
    env: 'PARLEY_VOICE_SETTLE_MS',
    default: 3_000,
    min: 0,
    max: 60_000,
    doc: 'How long presence must have said without a break that a user is not connected before they lose their voice channel, ms: after an outage gateways have this long to report.',
  }),
  sweepMs: option.integer({
    env: 'PARLEY_VOICE_SWEEP_MS',
    default: 1_000,
    min: 50,
    max: 2_000,
    doc: 'How often to look for users in voice who are not connected, ms.',
  }),
  recheckMs: option.integer({
    env: 'PARLEY_VOICE_RECHECK_MS',
    default: 15_000,
    min: 100,
    max: 600_000,
    doc: 'How often to ask whether users in voice are still members and their channels still exist, ms. Events make it faster; this makes it sure.',
  }),
  signalMaxBytes: option.integer({
    env: 'PARLEY_VOICE_SIGNAL_MAX_BYTES',
    default: 65_536,
    min: 1_024,
    max: 524_288,
    doc: 'Size of one voice signal, bytes of JSON.',
  }),
  stunUrls: option.list({
    env: 'PARLEY_ICE_STUN_URLS',
    default: [],
    maxItems: 20,
    doc: 'STUN servers that clients are told of, such as `stun:stun.example.org:3478`. None by default: no public server is contacted.',
  }),
  turnUrls: option.list({
    env: 'PARLEY_TURN_URLS',
    default: [],
    maxItems: 20,
    doc: 'TURN servers that clients are told of, such as `turn:turn.example.org:3478?transport=udp`. Needs the secret.',
  }),
  turnSecret: option.secret({
    env: 'PARLEY_TURN_SECRET',
    optional: true,
    minLength: 8,
    doc: 'Shared with the TURN servers (`static-auth-secret` of coturn); credentials are made with it.',
  }),
  turnTtlSeconds: option.integer({
    env: 'PARLEY_TURN_TTL_SECONDS',
    default: 3_600,
    min: 60,
    max: 86_400,
    doc: 'How long TURN credentials are valid.',
  }),
});
export type SignalingOptions = Options<typeof signalingOptions>;
