import { defineOptions, option, type Options } from '@parley/config';

export const sessionOptions = defineOptions({
  defaultMembers: option.integer({
    env: 'PARLEY_SESSION_MEMBERS_DEFAULT',
    default: 10,
    min: 1,
    max: 1_000,
    doc: 'Places in a party for which nothing else was asked, the host’s included.',
  }),
  maxMembers: option.integer({
    env: 'PARLEY_SESSION_MEMBERS_MAX',
    default: 100,
    min: 1,
    max: 1_000,
    doc: 'The most places that can be asked for. Everybody is told of everybody, so this is also what a change costs.',
  }),
  sessionsPerAccount: option.integer({
    env: 'PARLEY_SESSION_PER_ACCOUNT_MAX',
    default: 20,
    min: 1,
    max: 100_000,
    doc: 'Open parties of one account.',
  }),
  sessionsPerAddress: option.integer({
    env: 'PARLEY_SESSION_PER_ADDRESS_MAX',
    default: 100,
    min: 1,
    max: 100_000,
    doc: 'Open parties made from one address (of IPv6, the /64) without an account.',
  }),
  accountRequired: option.boolean({
    env: 'PARLEY_SESSION_ACCOUNT_REQUIRED',
    default: false,
    doc: 'Only who is logged in may make or join a party.',
  }),
  reconnectMs: option.integer({
    env: 'PARLEY_SESSION_RECONNECT_MS',
    default: 8_000,
    min: 0,
    max: 600_000,
    doc: 'How long a member whose connection broke is shown as reconnecting, ms: as long as clients try. Then it is shown as disconnected.',
  }),
  graceMs: option.integer({
    env: 'PARLEY_SESSION_GRACE_MS',
    default: 15_000,
    min: 0,
    max: 600_000,
    doc: 'How long the place of a member whose connection broke is held, ms.',
  }),
  hostGraceMs: option.integer({
    env: 'PARLEY_SESSION_HOST_GRACE_MS',
    default: 30_000,
    min: 0,
    max: 3_600_000,
    doc: 'How long a party waits for a host who vanished before it closes for all, ms.',
  }),
  settleMs: option.integer({
    env: 'PARLEY_SESSION_SETTLE_MS',
    default: 6_000,
    min: 0,
    max: 60_000,
    doc: 'How long this service must have served a party without a break before it takes places away, ms: after an outage clients have this long to return.',
  }),
  idleMs: option.integer({
    env: 'PARLEY_SESSION_IDLE_MS',
    default: 86_400_000,
    min: 1_000,
    max: 2_592_000_000,
    doc: 'A party without a connected member in which nothing happened for this long closes, ms.',
  }),
  sweepMs: option.integer({
    env: 'PARLEY_SESSION_SWEEP_MS',
    default: 500,
    min: 50,
    max: 5_000,
    doc: 'How often to look for places and parties whose time is over, ms.',
  }),
  rollCallMs: option.integer({
    env: 'PARLEY_SESSION_ROLL_CALL_MS',
    default: 10_000,
    min: 100,
    max: 600_000,
    doc: 'How often to ask presence whether the members’ connections still exist, ms. Gateways say so themselves; this makes it sure.',
  }),
});
export type SessionOptions = Options<typeof sessionOptions>;
