import type { Frame } from '../../frame.js';
import { isRecord, parseJson } from '../../json-text.js';
import { malformed, reader, same, type Malformed } from '../../reading.js';
import { Say, type UpMessage } from './up.js';

export type Decoded = { readonly kind: 'message'; readonly message: UpMessage } | Malformed;

const readSay = reader<typeof Say, UpMessage>(Say, same);

/** Never throws, whatever the frame. */
export function decode({ data, binary }: Frame): Decoded {
  if (binary) return malformed('frame', 'binary frames have no meaning here');
  const value = parseJson(data);
  if (!isRecord(value)) return malformed('frame', 'a message is a JSON object');
  const read = readSay(value, () => new Uint8Array());
  return 'kind' in read ? read : { kind: 'message', message: read };
}
