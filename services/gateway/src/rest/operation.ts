import { SetMetadata } from '@nestjs/common';
import type { ErrorCode } from '@parley/contracts';
import type { TObject, TSchema } from '@sinclair/typebox';

/** Who may call it: nobody needs a token, a user's access token, a session's host token (or its maker's), or a key of the server API. */
export type Caller = 'anyone' | 'user' | 'host' | 'server';

/** What the API's description says of one route, beside what its decorators say anyhow. */
export interface OperationDoc {
  readonly summary: string;
  readonly caller: Caller;
  readonly status: 200 | 201 | 204;
  readonly query?: TObject;
  readonly body?: TSchema;
  /** Absent: no content. */
  readonly reply?: TSchema;
  /** Beyond those that any route may answer. */
  readonly errors?: readonly ErrorCode[];
}

export const OPERATION = Symbol('operation');

/** Every route has one; a test finds those that have not. */
export function Operation(doc: OperationDoc): MethodDecorator {
  return SetMetadata(OPERATION, doc);
}
