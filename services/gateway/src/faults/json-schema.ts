/**
 * Why a value does not fit a JSON Schema, of the part of it that the API's description uses. A keyword that this does not
 * know is a failure too, so that nothing passes unlooked at; and so is a member that the schema does not describe.
 */
export function misfit(schema: unknown, value: unknown, root: unknown, path = '$'): string | undefined {
  if (!isRecord(schema)) return `${path}: not a schema`;
  const stray = Object.keys(schema).find((keyword) => !known.has(keyword));
  if (stray !== undefined) return `${path}: the keyword ${stray} is not understood`;
  const { $ref: ref, anyOf, const: only, enum: choice } = schema;
  if (typeof ref === 'string') return misfit(resolve(ref, root), value, root, path);
  if (Array.isArray(anyOf)) {
    const misfits = anyOf.map((one: unknown) => misfit(one, value, root, path));
    return misfits.some((one) => one === undefined) ? undefined : misfits.join('; ');
  }
  if ('const' in schema && only !== value) return `${path}: is ${show(value)}, not ${show(only)}`;
  if (Array.isArray(choice) && !choice.includes(value)) return `${path}: ${show(value)} is none of ${show(choice)}`;
  return typeMisfit(schema, value, root, path);
}

function typeMisfit(schema: Schema, value: unknown, root: unknown, path: string): string | undefined {
  switch (schema['type']) {
    case 'object':
      return isRecord(value) ? objectMisfit(schema, value, root, path) : wrongType(path, value, 'an object');
    case 'array':
      return Array.isArray(value) ? arrayMisfit(schema, value, root, path) : wrongType(path, value, 'a list');
    case 'string':
      return typeof value === 'string' ? stringMisfit(schema, value, path) : wrongType(path, value, 'a string');
    case 'integer':
      return Number.isInteger(value) ? numberMisfit(schema, value, path) : wrongType(path, value, 'an integer');
    case 'number':
      return typeof value === 'number' ? numberMisfit(schema, value, path) : wrongType(path, value, 'a number');
    case 'boolean':
      return typeof value === 'boolean' ? undefined : wrongType(path, value, 'a boolean');
    case 'null':
      return value === null ? undefined : wrongType(path, value, 'null');
    case undefined:
      return undefined;
    default:
      return `${path}: the type ${show(schema['type'])} is not understood`;
  }
}

const known = new Set([
  ...['$id', '$ref', 'anyOf', 'const', 'enum', 'type', 'title', 'description', 'default', 'examples'],
  ...['properties', 'required', 'additionalProperties', 'patternProperties', 'minProperties', 'maxProperties'],
  ...['items', 'minItems', 'maxItems', 'uniqueItems'],
  ...['format', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum'],
]);

const formats: Readonly<Record<string, RegExp>> = {
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  'date-time': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/,
};

type Schema = Readonly<Record<string, unknown>>;

function objectMisfit(schema: Schema, value: Schema, root: unknown, path: string): string | undefined {
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  const patterns = isRecord(schema['patternProperties']) ? schema['patternProperties'] : {};
  const required: readonly unknown[] = Array.isArray(schema['required']) ? schema['required'] : [];
  const missing = required.map(String).find((member) => !Object.hasOwn(value, member));
  if (missing !== undefined) return `${path}.${missing}: is missing`;
  for (const [member, inner] of Object.entries(value)) {
    const described = properties[member] ?? Object.entries(patterns).find(([p]) => new RegExp(p).test(member))?.[1];
    const open = Object.keys(properties).length === 0 && schema['additionalProperties'] !== false;
    if (described === undefined && !open) return `${path}.${member}: is not described`;
    const wrong = described === undefined ? undefined : misfit(described, inner, root, `${path}.${member}`);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function arrayMisfit(schema: Schema, value: readonly unknown[], root: unknown, path: string): string | undefined {
  const { minItems, maxItems, items } = schema;
  if (typeof minItems === 'number' && value.length < minItems) return `${path}: fewer than ${String(minItems)}`;
  if (typeof maxItems === 'number' && value.length > maxItems) return `${path}: more than ${String(maxItems)}`;
  if (items === undefined) return undefined;
  return value
    .map((inner, index) => misfit(items, inner, root, `${path}[${String(index)}]`))
    .find((one) => one !== undefined);
}

function stringMisfit(schema: Schema, value: string, path: string): string | undefined {
  const { format, pattern, minLength, maxLength } = schema;
  const { length } = Array.from(value);
  if (typeof minLength === 'number' && length < minLength) return `${path}: shorter than ${String(minLength)}`;
  if (typeof maxLength === 'number' && length > maxLength) return `${path}: longer than ${String(maxLength)}`;
  if (typeof pattern === 'string' && !new RegExp(pattern, 'u').test(value)) return `${path}: does not match ${pattern}`;
  if (typeof format !== 'string') return undefined;
  const check = formats[format];
  if (check === undefined) return `${path}: the format ${format} is not understood`;
  return check.test(value) ? undefined : `${path}: ${show(value)} is no ${format}`;
}

function numberMisfit({ minimum, maximum }: Schema, value: unknown, path: string): string | undefined {
  const number = Number(value);
  if (typeof minimum === 'number' && number < minimum) return `${path}: less than ${String(minimum)}`;
  if (typeof maximum === 'number' && number > maximum) return `${path}: more than ${String(maximum)}`;
  return undefined;
}

function resolve(ref: string, root: unknown): unknown {
  return ref
    .replace(/^#\//, '')
    .split('/')
    .reduce((here: unknown, member) => (isRecord(here) ? here[member] : undefined), root);
}

function wrongType(path: string, value: unknown, wanted: string): string {
  return `${path}: ${show(value)} is not ${wanted}`;
}

function show(value: unknown): string {
  return JSON.stringify(value).slice(0, 200);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
