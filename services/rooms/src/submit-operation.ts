import { fail, ok, type rooms } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { checksum } from './document-text.js';
import { parseBody } from './parse-body.js';
import type { RoomsCore } from './rooms-core.js';
import { refusalOf, type SubmitOutcome } from './submission.js';

/** What Postgres cannot keep as text. */
const UNSTORABLE = /[\0\ud800-\udfff]/u;

export async function submitOperation(
  { directory, sequencer, limits }: Pick<RoomsCore, 'directory' | 'sequencer' | 'limits'>,
  request: Static<typeof rooms.submit.request>,
  body: Uint8Array | undefined,
): Promise<SubmitOutcome> {
  const { operationId: id, userId, connectionId, baseVersion } = request;
  if ((body?.length ?? 0) > limits.operationMaxBytes) return fail('too_large', 'The operation is too large.');
  if (UNSTORABLE.test(id)) return fail('invalid', 'is not well-formed text', { field: 'operationId' });
  const room = await directory.open(request.roomId);
  if (!room.ok) return room;
  // Nobody makes us read a megabyte who may not write it; the sequencer asks again when its turn has come.
  const refusal = refusalOf(room.value, userId, connectionId);
  if (refusal !== undefined) return refusal;
  const operation = parseBody(body, 'operation');
  if (!operation.ok) return operation;
  if (request.checksum !== undefined && checksumOf(operation.value) !== request.checksum) {
    return ok({ result: 'checksum_failed' });
  }
  return sequencer.submit(room.value, {
    author: { id, userId, connectionId },
    baseVersion,
    operation: operation.value,
  });
}

/** Undefined for what is nested too deep to have one. */
function checksumOf(json: unknown): string | undefined {
  try {
    return checksum(json);
  } catch {
    return undefined;
  }
}
