import fc from 'fast-check';
import { isRecord } from '../json-text.js';

const json = fc.jsonValue({ maxDepth: 2 });
const LONGEST_TEXT = 20;
const LARGEST = 1_000_000;

/** Random values that fit a schema, of the part of JSON Schema that the dialects use; throws at a type that it does not know. */
export function instances(schema: unknown): fc.Arbitrary<unknown> {
  if (!isRecord(schema)) throw new Error('not a schema');
  const { const: only, anyOf, allOf, type } = schema;
  if (only !== undefined) return fc.constant(only);
  if (Array.isArray(anyOf)) return fc.oneof(...anyOf.map(instances));
  if (Array.isArray(allOf)) {
    return fc
      .tuple(...allOf.map(instances))
      .map((parts) => Object.fromEntries(parts.flatMap((part) => (isRecord(part) ? Object.entries(part) : []))));
  }
  switch (type) {
    case 'object':
      return objects(schema);
    case 'array': {
      const least = numberAt(schema, 'minItems', 0);
      return fc.array(instances(schema['items']), { minLength: least, maxLength: least + 3 });
    }
    case 'string':
      return texts(schema);
    case 'integer':
    case 'number':
      return fc.integer({
        min: Math.max(numberAt(schema, 'minimum', -LARGEST), -LARGEST),
        max: Math.min(numberAt(schema, 'maximum', LARGEST), LARGEST),
      });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case undefined:
      return json;
    default:
      throw new Error(`no instances of ${JSON.stringify(schema)}`);
  }
}

/** The value with one thing changed, somewhere: a member taken away, or something else in its place. */
export function spoiled(value: unknown, seed: number): unknown {
  if (!isRecord(value) || Object.keys(value).length === 0) return [null, 'x', -1.5, [], {}][seed % 5];
  const names = Object.keys(value);
  const name = names[seed % names.length] ?? '';
  const { [name]: inner, ...rest } = value;
  const rolled = Math.floor(seed / names.length);
  if (isRecord(inner) && rolled % 3 !== 0) return { ...rest, [name]: spoiled(inner, Math.floor(rolled / 3)) };
  return rolled % 2 === 0 ? rest : { ...rest, [name]: spoiled(undefined, rolled) };
}

function objects({ properties, required, patternProperties }: Record<string, unknown>): fc.Arbitrary<unknown> {
  if (isRecord(patternProperties)) {
    const [inner] = Object.values(patternProperties);
    return fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), instances(inner), { maxKeys: 3 }).map(plain);
  }
  const members = isRecord(properties) ? Object.entries(properties) : [];
  const needed = Array.isArray(required) ? required.filter((one) => typeof one === 'string') : [];
  const model = Object.fromEntries(members.map(([name, inner]) => [name, instances(inner)]));
  return fc.record(model, { requiredKeys: needed }).map(plain);
}

/** As it is after the network: with no prototype of its own, and no member that JSON cannot say. */
function plain(value: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(value));
  return copy;
}

function texts(schema: Record<string, unknown>): fc.Arbitrary<string> {
  const { pattern } = schema;
  const [shortest, longest] = [
    numberAt(schema, 'minLength', 0),
    numberAt(schema, 'maxLength', Number.MAX_SAFE_INTEGER),
  ];
  if (typeof pattern === 'string') {
    const fits = ({ length }: string): boolean => length >= shortest && length <= longest;
    return fc.stringMatching(new RegExp(pattern)).filter(fits);
  }
  return fc.string({ minLength: shortest, maxLength: Math.min(longest, LONGEST_TEXT) });
}

function numberAt(schema: Record<string, unknown>, name: string, otherwise: number): number {
  const value = schema[name];
  return typeof value === 'number' ? value : otherwise;
}
