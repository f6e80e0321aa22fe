import type { DeviceId, UserId } from '@parley/contracts';
import type { Login } from '../../command.js';
import type { SessionContext } from '../../dialect.js';
import type { Speech } from '../encode.js';

/** Who this connection is, once it has said hello. */
export type Identity =
  { readonly role: 'device'; readonly deviceId: DeviceId } | { readonly role: 'viewer'; readonly userId: UserId };

/** What one connection remembers. */
export interface Scope<I extends Identity = Identity> {
  readonly context: SessionContext;
  readonly identity: I;
  login: Login;
}

export type ViewerScope = Scope<Extract<Identity, { readonly role: 'viewer' }>>;
export type DeviceScope = Scope<Extract<Identity, { readonly role: 'device' }>>;

export function speechOf({ context }: Pick<Scope, 'context'>, requestId?: string): Speech {
  return { at: context.now(), requestId };
}
