import type { MemberId, SessionId } from '@parley/contracts';
import type { Login } from '../../command.js';
import type { SessionContext } from '../../dialect.js';
import type { Form } from '../encode.js';
import type { Speech } from '../errors.js';

/** What one connection remembers. */
export interface Scope {
  readonly context: SessionContext;
  /** That of the client's first frame; `flat` before. */
  form: Form;
  /** Once it counts as somebody's. */
  login: Login | undefined;
}

/** What one remembers that is in a session. */
export interface MemberScope {
  readonly scope: Scope;
  readonly sessionId: SessionId;
  readonly memberId: MemberId;
  /** Events of the session so far. */
  seen: number;
  /** The last well-formed message, ms since 1970. */
  heardAt: number;
  /** The round trip that was told last, and when. */
  told: { readonly ms: number; readonly at: number } | undefined;
}

export function speech({ form, context }: Scope): Speech {
  return { form, at: context.now() };
}
