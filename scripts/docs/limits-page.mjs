// @ts-check
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serviceOptions } from '../start/options.mjs';
import { code, page, table } from './table.mjs';

/** @typedef {import('../start/options.mjs').OptionRow} OptionRow */

/** Options that bound what connections may do, whatever they speak; the gateway’s others are in OPTIONS.md. */
const everywhere = [
  'PARLEY_GATEWAY_CONNECTIONS_MAX',
  'PARLEY_GATEWAY_CONNECTIONS_PER_ADDRESS_MAX',
  'PARLEY_GATEWAY_HANDSHAKES_PER_SECOND',
  'PARLEY_GATEWAY_FRAME_BYTES_MAX',
  'PARLEY_GATEWAY_PRELOGIN_BYTES_MAX',
  'PARLEY_GATEWAY_LOGIN_DEADLINE_MS',
  'PARLEY_GATEWAY_INBOX_FRAMES',
  'PARLEY_GATEWAY_INBOX_BYTES',
  'PARLEY_GATEWAY_OUTBOX_SOFT_BYTES',
  'PARLEY_GATEWAY_OUTBOX_HARD_BYTES',
  'PARLEY_MESSAGES_PER_SECOND',
  'PARLEY_MESSAGE_BURST',
  'PARLEY_BYTES_PER_SECOND',
  'PARLEY_BYTE_BURST',
  'PARLEY_USER_CONNECTIONS_MAX',
  'PARLEY_USER_CONNECTIONS_BY_DIALECT',
  'PARLEY_PRESENCE_GRACE_MS',
  'PARLEY_PRESENCE_METADATA_MAX_BYTES',
];

/** Beginnings of the variables that bound what a dialect does. */
const ofDialect = new Map([
  ['chat', ['PARLEY_CHAT_', 'PARLEY_VOICE_']],
  [
    'topics',
    ['PARLEY_SUBSCRIPTIONS_MAX', 'PARLEY_MESSAGE_MAX_', 'PARLEY_TOPICS_', 'PARLEY_DIRECT_', 'PARLEY_BROADCAST_'],
  ],
  ['collab', ['PARLEY_COLLAB_', 'PARLEY_ROOMS_']],
  ['watch', ['PARLEY_WATCH_', 'PARLEY_DEVICE', 'PARLEY_TURN_TTL']],
  ['party', ['PARLEY_SESSION_']],
]);
const services = ['gateway', 'presence', 'messaging', 'rooms', 'signaling', 'session'];

/** What every dialect bounds, and its defaults. @param {string} root @returns {Promise<string>} */
export async function limitsPage(root) {
  const { dialects, endingsOf } = await import(pathToFileURL(join(root, 'libs', 'dialects', 'dist', 'index.js')).href);
  const options = (await Promise.all(services.map((service) => serviceOptions(root, service)))).flatMap(
    (rows) => rows ?? [],
  );
  const parts = [
    'What a connection, a message and a name may be. Sizes are bytes unless said otherwise; lengths are characters. What an option sets is shown with its default.',
    '## Every connection',
    optionRows(options.filter(({ env }) => everywhere.includes(env))),
  ];
  for (const dialect of dialects) {
    const starts = ofDialect.get(dialect.name) ?? [];
    const own = options.filter(({ env }) => starts.some((start) => env.startsWith(start)));
    const { probeAfterMs, silentAfterMs } = dialect.keepAlive;
    parts.push(
      `## ${dialect.name}`,
      `Silent for ${probeAfterMs / 1_000} s: asked for a sign of life. Silent for ${silentAfterMs / 1_000} s: closed.`,
      ...(own.length === 0 ? [] : [optionRows(own)]),
      '### What clients send',
      fieldRows(dialect.wire.up),
      '### Closes',
      closeRows(dialect, endingsOf(dialect)),
    );
  }
  return page('Limits and defaults', '`libs/dialects/src/*/` and `services/*/src/*.options.ts`', parts);
}

/** @param {readonly OptionRow[]} options */
function optionRows(options) {
  return table(
    ['Variable', 'Default', 'What it bounds'],
    options.map(({ env, default: fallback, doc }) => [code(env), fallback === '' ? '' : code(fallback), doc]),
  );
}

/** @param {Record<string, {schema: any}>} messages */
function fieldRows(messages) {
  const rows = Object.entries(messages).flatMap(([name, { schema }]) =>
    fieldsOf(schema, '').flatMap(({ path, field }) => {
      const bounds = boundsOf(field);
      return bounds === '' ? [] : [[code(name), code(path), bounds]];
    }),
  );
  return rows.length === 0 ? 'No bounds of their own.' : table(['Message', 'Field', 'Bounds'], rows);
}

/** @param {any} schema @param {string} path @returns {{path: string, field: any}[]} */
function fieldsOf(schema, path) {
  const here = path === '' ? [] : [{ path, field: schema }];
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    fieldsOf(field, path === '' ? name : `${path}.${name}`),
  );
  const items = schema.items === undefined ? [] : fieldsOf(schema.items, `${path}[]`);
  const branches = (schema.anyOf ?? schema.allOf ?? []).flatMap((/** @type {any} */ one) => fieldsOf(one, path));
  return [...here, ...inner, ...items, ...branches];
}

/** @param {any} field */
function boundsOf({ minLength, maxLength, minItems, maxItems, minimum, maximum, pattern }) {
  const said = [
    range(minLength, maxLength, 'characters'),
    range(minItems, maxItems, 'elements'),
    range(minimum, maximum, ''),
    pattern === undefined ? '' : `matches ${code(pattern)}`,
  ];
  return said.filter((one) => one !== '').join(', ');
}

/** @param {number | undefined} least @param {number | undefined} most @param {string} what */
function range(least, most, what) {
  const unit = what === '' ? '' : ` ${what}`;
  if (least === undefined && most === undefined) return '';
  if (most === undefined) return `${least}${unit} at least`;
  return least === undefined ? `${most}${unit} at most` : `${least} to ${most}${unit}`;
}

/**
 * @param {{wire: {closes: readonly {code: number, summary: string}[]}}} dialect
 * @param {readonly {code: number, summary: string, said: string}[]} endings
 */
function closeRows({ wire }, endings) {
  const rows = [
    ...wire.closes.map(({ code: number, summary }) => [String(number), '', summary]),
    ...endings.map(({ code: number, said, summary }) => [String(number), said, summary]),
  ];
  return table(
    ['Code', 'Reason', 'When'],
    rows.toSorted(([one = ''], [other = '']) => Number(one) - Number(other)),
  );
}
