import type { Login } from '../../command.js';
import type { SessionContext } from '../../dialect.js';

/** What one logged-in connection remembers. */
export interface Scope {
  readonly context: SessionContext;
  login: Login;
}
