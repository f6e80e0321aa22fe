import { dialects } from './all.js';
import type { Dialect, Endpoint } from './dialect.js';
import { endingsOf } from './endings.js';
import type { BinaryWire, FieldWire, MessageWire, UpWire, Wire } from './wire.js';

type Json = Readonly<Record<string, unknown>>;
type Direction = 'up' | 'down';

const listeners = [8080, 8081, 8000] as const;
type Listener = (typeof listeners)[number];

const fieldBytes: Readonly<Record<FieldWire['type'], number | undefined>> = {
  uint8: 1,
  uint16: 2,
  uint32: 4,
  float32: 4,
  bytes: undefined,
};

/**
 * AsyncAPI 3.0 of a dialect, made from the schemas that it reads and writes with. `receive` is what the gateway receives.
 * `all`: the dialects that are served beside it, one of which may have a path to itself on one listener.
 */
export function asyncApi(dialect: Dialect, all: readonly Dialect[] = dialects): Json {
  const { name, version, wire } = dialect;
  const channels = dialect.endpoints.map((endpoint) => channelOf(dialect, endpoint, all));
  const document = {
    asyncapi: '3.0.0',
    id: `urn:parley:${name}`,
    info: {
      title: `Parley ${name}`,
      version,
      description: `${wire.title}. ${wire.summary} Rules are those of libs/dialects/src/${name}/SPEC.md; † marks extensions. Unknown fields are ignored.`,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: Object.fromEntries(listeners.map((port) => [serverName(port), serverOf(port, wire)])),
    channels: Object.fromEntries(channels.map(({ id, channel }) => [id, channel])),
    operations: Object.fromEntries(channels.flatMap(({ id, endpoint }) => operationsOf(wire, id, endpoint))),
    components: {
      messages: Object.fromEntries([...messagesOf(wire)].map(([id, { body }]) => [id, body])),
      securitySchemes: securitySchemes(wire),
    },
    'x-closes': closesOf(dialect),
    'x-keep-alive': {
      probeAfterMs: dialect.keepAlive.probeAfterMs,
      silentAfterMs: dialect.keepAlive.silentAfterMs,
    },
  };
  // What schemas carry beside JSON (symbols, absent members) stays behind.
  const plain = parsed(JSON.stringify(document));
  return isJson(plain) ? plain : {};
}

function serverName(port: Listener): string {
  return `port${String(port)}`;
}

function serverOf(port: Listener, wire: Wire): Json {
  return {
    host: `{host}:${String(port)}`,
    protocol: 'ws',
    description: `The listener in the role of ${String(port)}, whatever port it is mapped to; behind TLS it is wss.`,
    variables: { host: { default: 'localhost', description: 'Any gateway; all are alike.' } },
    security: Object.keys(securitySchemes(wire)).map((name) => ref('components', 'securitySchemes', name)),
  };
}

function securitySchemes(wire: Wire): Json {
  const own = (wire.credentials ?? []).filter((credential) => credential.in === 'query');
  return {
    queryToken: { type: 'httpApiKey', in: 'query', name: 'token', description: 'An access token as `?token=`.' },
    bearerToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access token.' },
    subprotocolToken: {
      type: 'httpApiKey',
      in: 'header',
      name: 'Sec-WebSocket-Protocol',
      description: '`access_token.<JWT>`, for browsers, which can send no other header.',
    },
    ...Object.fromEntries(
      own.map(({ name, summary }) => [`${name}Query`, { type: 'httpApiKey', in: 'query', name, description: summary }]),
    ),
  };
}

/** On a listener where another dialect asks for the path by name, that one has it. */
function servedAt({ path, listener }: Endpoint, name: string, all: readonly Dialect[]): readonly Listener[] {
  if (listener !== undefined) return [listener];
  return listeners.filter((port) => {
    const others = all.filter((other) => other.name !== name);
    return !others.some((other) => other.endpoints.some((one) => one.path === path && one.listener === port));
  });
}

function channelOf(dialect: Dialect, endpoint: Endpoint, all: readonly Dialect[]) {
  const { wire } = dialect;
  const id = channelId(endpoint);
  const messages = [...messagesOf(wire, endpoint).keys()];
  const inMessage = (wire.credentials ?? []).filter((credential) => credential.in === 'message');
  const inQuery = (wire.credentials ?? []).filter((credential) => credential.in === 'query');
  const text = { type: 'string' };
  const channel = {
    address: endpoint.path,
    title: wire.title,
    description: ['One JSON message in each text frame.', ...inMessage.map(({ summary }) => `Also: ${summary}`)].join(
      ' ',
    ),
    servers: servedAt(endpoint, dialect.name, all).map((port) => ref('servers', serverName(port))),
    messages: Object.fromEntries(messages.map((name) => [name, ref('components', 'messages', name)])),
    bindings: {
      ws: {
        method: 'GET',
        query: {
          type: 'object',
          properties: {
            token: { ...text, description: 'An access token.' },
            ...Object.fromEntries(inQuery.map(({ name, summary }) => [name, { ...text, description: summary }])),
          },
        },
        headers: {
          type: 'object',
          properties: {
            Authorization: { ...text, pattern: '^Bearer ' },
            'Sec-WebSocket-Protocol': { ...text, description: '`access_token.<JWT>`, which is echoed.' },
          },
        },
        bindingVersion: '0.1.0',
      },
    },
  };
  return { id, endpoint, channel };
}

function channelId({ path, listener }: Endpoint): string {
  const name = path.slice(1).replaceAll('/', '-');
  return listener === undefined ? name : `${name}-${String(listener)}`;
}

function operationsOf(wire: Wire, channel: string, endpoint: Endpoint): readonly (readonly [string, Json])[] {
  const at = (message: string) => ref('channels', channel, 'messages', message);
  const here = messagesOf(wire, endpoint);
  return [...here].map(([id, message]) => {
    const action = message.direction === 'up' ? 'receive' : 'send';
    const answers = message.answers.map((name) => messageId('down', name)).filter((name) => here.has(name));
    return [
      `${channel}-${action}-${message.name}`,
      {
        action,
        channel: ref('channels', channel),
        summary: message.body['summary'],
        messages: [at(id)],
        ...(answers.length === 0 ? {} : { reply: { channel: ref('channels', channel), messages: answers.map(at) } }),
        'x-rules': message.body['x-rules'],
      },
    ];
  });
}

interface Described {
  readonly direction: Direction;
  readonly name: string;
  readonly answers: readonly string[];
  readonly body: Json;
}

export function messageId(direction: Direction, name: string): string {
  return `${direction}-${name}`;
}

/** By id; those of one endpoint, or all. */
function messagesOf(wire: Wire, endpoint?: Endpoint): ReadonlyMap<string, Described> {
  const here = ([, { endpoint: only }]: readonly [string, MessageWire]): boolean =>
    only === undefined || endpoint === undefined || only === endpoint.path;
  const described: readonly Described[] = [
    ...Object.entries(wire.up)
      .filter(here)
      .map(([name, message]) => describe('up', name, message, wire)),
    ...Object.entries(wire.down)
      .filter(here)
      .map(([name, message]) => describe('down', name, message, wire)),
    ...Object.entries(wire.binary ?? {}).flatMap(([name, format]) =>
      directionsOf(format).map((direction) => ({ direction, name, answers: [], body: binaryBody(name, format) })),
    ),
  ];
  return new Map(described.map((one) => [messageId(one.direction, one.name), one]));
}

function describe(
  direction: Direction,
  name: string,
  { schema, summary, rules, answers = [] }: UpWire,
  wire: Wire,
): Described {
  const examples = wire.examples[`${direction} ${name}`] ?? [];
  return {
    direction,
    name,
    answers,
    body: {
      name,
      title: name,
      summary,
      contentType: 'application/json',
      payload: schema,
      ...(examples.length === 0 ? {} : { examples: examples.map((text) => ({ payload: parsed(text) })) }),
      'x-rules': rules,
    },
  };
}

function directionsOf({ direction }: BinaryWire): readonly Direction[] {
  return direction === 'both' ? ['up', 'down'] : [direction];
}

function binaryBody(name: string, { summary, rules, layout }: BinaryWire): Json {
  return {
    name,
    title: name,
    summary: `${summary} A binary frame.`,
    contentType: 'application/octet-stream',
    payload: { type: 'string', format: 'binary' },
    'x-layout': layout.map(({ name: field, type, summary: doc, optional }) => ({
      name: field,
      type,
      bytes: fieldBytes[type],
      optional: optional === true,
      description: doc,
    })),
    'x-rules': rules,
  };
}

function closesOf(dialect: Dialect): readonly Json[] {
  return [
    ...dialect.wire.closes.map(({ code, summary, rules }) => ({ code, summary, 'x-rules': rules })),
    ...endingsOf(dialect).map(({ code, summary, said }) => ({ code, summary, reason: said })),
  ];
}

function ref(...path: readonly string[]): Json {
  return { $ref: `#/${path.join('/')}` };
}

function parsed(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return value;
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
