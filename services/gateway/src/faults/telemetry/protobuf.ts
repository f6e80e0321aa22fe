/** A message of Protocol Buffers, by field number: numbers of variable length, eight bytes as they lie, or bytes. */
export type Fields = ReadonlyMap<number, readonly (bigint | Buffer)[]>;

const VARINT = 0;
const EIGHT_BYTES = 1;
const BYTES = 2;

/** Throws at anything that spans do not consist of. */
export function decodeFields(data: Buffer): Fields {
  const fields = new Map<number, (bigint | Buffer)[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = data.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const bytes = (length: number): Buffer => {
    at += length;
    if (at > data.length) throw new Error('a message that ends too early');
    return data.subarray(at - length, at);
  };
  while (at < data.length) {
    const key = Number(varint());
    const value = valueOf(key & 7, varint, bytes);
    const number = key >> 3;
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

function valueOf(wireType: number, varint: () => bigint, bytes: (length: number) => Buffer): bigint | Buffer {
  if (wireType === VARINT) return varint();
  if (wireType === EIGHT_BYTES) return bytes(8);
  if (wireType === BYTES) return bytes(Number(varint()));
  // Groups are long gone; of four bytes, spans have only flags.
  if (wireType === 5) return bytes(4);
  throw new Error(`wire type ${String(wireType)}`);
}

export function messages(fields: Fields, number: number): Fields[] {
  return buffers(fields, number).map(decodeFields);
}

export function buffers(fields: Fields, number: number): Buffer[] {
  return (fields.get(number) ?? []).filter((value) => Buffer.isBuffer(value));
}

export function text(fields: Fields, number: number): string {
  return buffers(fields, number)[0]?.toString('utf8') ?? '';
}

export function hex(fields: Fields, number: number): string {
  return buffers(fields, number)[0]?.toString('hex') ?? '';
}

export function integer(fields: Fields, number: number): number {
  const [value] = fields.get(number) ?? [];
  return typeof value === 'bigint' ? Number(value) : 0;
}
