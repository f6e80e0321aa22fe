import { parseArgs } from 'node:util';
import {
  DEFAULT_LONGEST_WAIT_SECONDS,
  defaultLimits,
  profiles,
  type Limits,
  type Profile,
  type Settings,
} from './settings.js';

export interface Flags {
  readonly dialect: string;
  readonly settings: Settings;
  readonly json: string | undefined;
  readonly junit: string | undefined;
  /** Rules, or the beginnings of their ids; empty: all. */
  readonly rules: readonly string[];
}

/** A flag that is wrong or missing; its message is for whoever typed it. */
export class UsageError extends Error {}

const options = {
  url: { type: 'string' },
  'second-url': { type: 'string' },
  dialect: { type: 'string', default: 'topics' },
  rest: { type: 'string' },
  'api-key': { type: 'string' },
  token: { type: 'string', multiple: true },
  listeners: { type: 'string' },
  echo: { type: 'string' },
  profile: { type: 'string' },
  rules: { type: 'string' },
  'longest-wait': { type: 'string' },
  'answer-within': { type: 'string' },
  json: { type: 'string' },
  junit: { type: 'string' },
  burst: { type: 'string' },
  subscriptions: { type: 'string' },
  history: { type: 'string' },
  queue: { type: 'string' },
  'connections-per-user': { type: 'string' },
  'room-capacity': { type: 'string' },
  'viewers-per-device': { type: 'string' },
  'frame-bytes': { type: 'string' },
  'unsent-bytes': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

export const flagNames = Object.keys(options);

/** As `dialects.ts` has them; a test compares. */
export const dialectNames = ['topics', 'chat', 'collab', 'party', 'watch'] as const;

export const usage = `Tests a running server against the rules of a dialect, through real sockets only.

  npx @parley/conformance --url ws://127.0.0.1:8081/ws [--dialect topics] [flags]

In Parley's repository: npm run conformance -- [flags]

The server
  --url URL              the dialect's endpoint
  --second-url URL       the same on another gateway of the cluster; publishers and subscribers are spread over both
  --rest URL             REST of the server (http://127.0.0.1:8080); users are registered there
  --token JWT            a user's token, for servers without that REST; repeat it for more users (three serve most)
  --api-key KEY          a key of the server API: notifications, server publishing, administration
  --listeners LIST       every ws://host:port of the gateway in the roles of 8080, 8081 and 8000, comma-separated
  --echo X-NAME          an extension whose backend answers with the data that it was sent

What to run, and where to write it
  --dialect NAME         ${dialectNames.join(', ')}; default topics
  --rules LIST           only rules whose ids begin so, comma-separated: HS,UP19
  --profile LIST         what the document does not ask for, too: ${profiles.join(', ')} (original clients' shapes of chat and party)
  --longest-wait SECONDS scenarios that wait longer are skipped (default ${DEFAULT_LONGEST_WAIT_SECONDS}; 95 runs all on a
                         server whose tokens live for half a minute)
  --answer-within SECONDS  how long an answer may take (default 15)
  --json FILE            the report as JSON
  --junit FILE           the report for CI systems
  --help                 this

Limits, where the server's differ from Parley's defaults
  --burst ${defaultLimits.burst}  --subscriptions ${defaultLimits.subscriptions}  --history ${defaultLimits.history}  --queue ${defaultLimits.queue}
  --connections-per-user ${defaultLimits.connectionsPerUser}  --room-capacity ${defaultLimits.roomCapacity}  --viewers-per-device ${defaultLimits.viewersPerDevice}
  --frame-bytes ${defaultLimits.frameBytes}  --unsent-bytes ${defaultLimits.unsentBytes}

What the server cannot show without a flag is skipped, with the reason. Exit code 1 when a scenario fails, 2 for wrong flags.
Do not point it at a server that people depend on: it floods connections, and notifies everyone who is connected.
`;

/** Undefined: help was asked for. Throws UsageError. */
export function parseFlags(args: readonly string[]): Flags | undefined {
  const { values } = parse(args);
  if (values.help === true) return undefined;
  if (values.url === undefined) throw new UsageError('--url is missing');
  return {
    dialect: values.dialect,
    json: values.json,
    junit: values.junit,
    rules: listOf(values.rules),
    settings: {
      url: urlOf('--url', values.url, ['ws:', 'wss:']),
      ...(values['second-url'] === undefined
        ? {}
        : { secondUrl: urlOf('--second-url', values['second-url'], ['ws:', 'wss:']) }),
      ...(values.rest === undefined ? {} : { rest: urlOf('--rest', values.rest, ['http:', 'https:']) }),
      ...(values['api-key'] === undefined ? {} : { apiKey: values['api-key'] }),
      ...(values.token === undefined ? {} : { tokens: values.token }),
      ...(values.listeners === undefined
        ? {}
        : { listeners: listOf(values.listeners).map((one) => urlOf('--listeners', one, ['ws:', 'wss:'])) }),
      ...(values.echo === undefined ? {} : { echo: values.echo }),
      profiles: listOf(values.profile).map(profileOf),
      ...(values['answer-within'] === undefined
        ? {}
        : { answerSeconds: numberOf('--answer-within', values['answer-within'], 0) }),
      longestWaitSeconds: numberOf('--longest-wait', values['longest-wait'], DEFAULT_LONGEST_WAIT_SECONDS),
      limits: limitsOf(values),
    },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

type Values = ReturnType<typeof parse>['values'];

function limitsOf(values: Values): Limits {
  return {
    burst: numberOf('--burst', values.burst, defaultLimits.burst),
    subscriptions: numberOf('--subscriptions', values.subscriptions, defaultLimits.subscriptions),
    history: numberOf('--history', values.history, defaultLimits.history),
    queue: numberOf('--queue', values.queue, defaultLimits.queue),
    connectionsPerUser: numberOf(
      '--connections-per-user',
      values['connections-per-user'],
      defaultLimits.connectionsPerUser,
    ),
    roomCapacity: numberOf('--room-capacity', values['room-capacity'], defaultLimits.roomCapacity),
    viewersPerDevice: numberOf('--viewers-per-device', values['viewers-per-device'], defaultLimits.viewersPerDevice),
    frameBytes: numberOf('--frame-bytes', values['frame-bytes'], defaultLimits.frameBytes),
    unsentBytes: numberOf('--unsent-bytes', values['unsent-bytes'], defaultLimits.unsentBytes),
  };
}

function numberOf(flag: string, value: string | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0) throw new UsageError(`${flag} is a whole number, not ${value}`);
  return number;
}

function urlOf(flag: string, value: string, protocols: readonly string[]): string {
  if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value;
  throw new UsageError(`${flag} is a URL that begins with ${protocols.join('// or ')}//, not ${value}`);
}

function profileOf(value: string): Profile {
  const profile = profiles.find((one) => one === value);
  if (profile === undefined) throw new UsageError(`--profile is of ${profiles.join(', ')}, not ${value}`);
  return profile;
}

function listOf(value: string | undefined): readonly string[] {
  return (value ?? '').split(',').filter((one) => one !== '');
}
