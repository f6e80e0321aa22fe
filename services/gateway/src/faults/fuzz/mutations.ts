import type { SeededRandom } from '@parley/testing';

const STRINGS = [
  '',
  ' ',
  'null',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  "'; DROP TABLE users; --",
  '\u0000',
  '\ud800',
  '\udfff\ud800',
  '\u202e\u0000\uffff',
  '$SYS.>',
  '>',
  '*',
  'a..b',
  '.a',
  'a.*.>',
  '$JS.API.STREAM.DELETE.EVENTS',
  'evt.user.x.>',
  'in.topic.x',
  'x\r\nNats-Msg-Id: 1',
  '😀'.repeat(200),
  'x'.repeat(5_000),
] as const;
const NUMBERS = [0, -0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, 5e-324, Number.MAX_SAFE_INTEGER] as const;
const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'id',
  'type',
  'data',
  '',
  '\u0000',
];
/** Where the fields of a message begin, in `topics`, in `chat` and in `collab`. */
const BODY = /"(data|d|payload)":\{/;

/** Any JSON value, of limited size. */
export function randomValue(random: SeededRandom, depth: number): unknown {
  switch (random.int(0, depth > 0 ? 7 : 5)) {
    case 0:
      return null;
    case 1:
      return random.chance();
    case 2:
      return random.pick(NUMBERS);
    case 3:
      return random.int(-1_000, 1_000);
    case 4:
      return random.pick(STRINGS);
    case 5:
      return random.text(random.int(0, 20));
    case 6:
      return Array.from({ length: random.int(0, 4) }, () => randomValue(random, depth - 1));
    default:
      return objectOf(
        Array.from({ length: random.int(0, 4) }, () => [
          random.chance(0.3) ? random.pick(KEYS) : random.text(4),
          randomValue(random, depth - 1),
        ]),
      );
  }
}

/** Changes one place of it, at any level. */
export function mutateValue(value: unknown, random: SeededRandom): unknown {
  const inner = entriesOf(value);
  if (inner.length === 0 || random.chance(0.25)) return replacement(value, random);
  const index = random.int(0, inner.length - 1);
  const [key] = inner[index] ?? [''];
  const changed = inner.map(([name, each], at) => [name, at === index ? mutateValue(each, random) : each] as const);
  const action = random.int(1, 10);
  if (action <= 2) changed.splice(index, 1);
  else if (action === 3) changed.push([random.pick(KEYS), randomValue(random, 2)]);
  else if (action === 4) changed.splice(index, 1, [swapCase(key), inner[index]?.[1]]);
  return Array.isArray(value) ? changed.map(([, each]) => each) : objectOf(changed);
}

function replacement(value: unknown, random: SeededRandom): unknown {
  switch (random.int(0, 7)) {
    case 0:
      return random.pick(STRINGS);
    case 1:
      return random.pick(NUMBERS);
    case 2:
      return [value];
    case 3:
      return { value };
    case 4:
      return nested(value, random.int(30, 200), random.chance());
    case 5:
      return Array.from({ length: random.int(90, 1_100) }, () => 'x');
    case 6:
      return typeof value === 'string' ? value + random.pick(STRINGS) : null;
    default:
      return randomValue(random, 3);
  }
}

function nested(value: unknown, depth: number, inArrays: boolean): unknown {
  let deep = value;
  for (let level = 0; level < depth; level++) deep = inArrays ? [deep] : { deep };
  return deep;
}

/** Changes the text itself, so that it may not be JSON any more, or JSON that no serializer writes. */
export function mutateText(text: string, random: SeededRandom): string {
  const at = random.int(0, text.length);
  switch (random.int(0, 11)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(at + random.int(1, 3));
    case 2:
      return text.slice(0, at) + String.fromCharCode(random.int(0, 0xd7ff)) + text.slice(at);
    case 3:
      return text + random.pick([text, ',', '}', '\u0000', ' x', '//']);
    case 4:
      return random.pick(['\ufeff', '\u00a0', '(', ")]}',\n", '[']) + text;
    case 5:
      return text.replace(
        /\d+/,
        random.pick(['1e999', '-1e999', '01', '0x10', 'NaN', 'Infinity', '9'.repeat(400), '1.', '-']),
      );
    case 6:
      return text.replace('{', '{"__proto__":{"type":"Ping","data":{"timestamp":1},"isAdmin":true},');
    case 7:
      return text.replace('{', '{"type":"Pong","data":null,"id":["x"],');
    case 8:
      return text.replace(BODY, `$&"payload":${'['.repeat(random.int(100, 20_000))},`);
    case 9:
      return text.replace(
        /"([a-z_]+)":/,
        (_, key: string) => `"\\u${key.charCodeAt(0).toString(16).padStart(4, '0')}${key.slice(1)}":`,
      );
    case 10:
      return text.replace(BODY, `$&"payload":${'['.repeat(5_000)}${']'.repeat(5_000)},`);
    default:
      return text.replaceAll(',', random.pick([',\n\t  ', ',,', ';', ', ']));
  }
}

function swapCase(key: string): string {
  return key === key.toUpperCase() ? key.toLowerCase() : key.toUpperCase();
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** With own properties whatever the names: assignment would lose `__proto__`. */
function objectOf(entries: readonly (readonly [string, unknown])[]): object {
  const made = {};
  for (const [name, value] of entries) {
    Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return made;
}
