import type { Bus, ServeOptions, Stoppable } from '@parley/bus';
import { auth as contract, type ErrorCode, type Outcome } from '@parley/contracts';
import { attempt } from '@parley/database';
import type { Auth } from './auth.js';
import { logins, registrations } from './auth.metrics.js';
import { banUser } from './ban-user.js';
import { checkLogins } from './check-logins.js';
import { findUser } from './find-user.js';
import { getUser } from './get-user.js';
import { isBanned } from './is-banned.js';
import { listKeys } from './list-keys.js';
import { logIn } from './log-in.js';
import { logOut } from './log-out.js';
import { refresh } from './refresh.js';
import { register } from './register.js';
import { revokeUser } from './revoke-user.js';
import { unbanUser } from './unban-user.js';
import { updateUser } from './update-user.js';

/** Verbs that hash passwords are queued and refused by the hashing gate, not by the bus. */
const hashing: ServeOptions = { concurrency: 1_024, waiting: 1_024 };

/** The bus's side of the service: each line is one verb. */
export class AuthHandlers {
  constructor(private readonly auth: Auth) {}

  serve(bus: Bus): Stoppable[] {
    const { auth } = this;
    return [
      bus.serve(
        contract.register,
        async (request) => count(registrations, await run(() => register(auth, request))),
        hashing,
      ),
      bus.serve(contract.login, async (request) => count(logins, await run(() => logIn(auth, request))), hashing),
      bus.serve(contract.updateUser, (request) => run(() => updateUser(auth, request)), hashing),
      bus.serve(contract.refresh, (request) => run(() => refresh(auth, request))),
      bus.serve(contract.logout, (request) => run(() => logOut(auth, request))),
      bus.serve(contract.revokeUser, (request) => run(() => revokeUser(auth, request))),
      bus.serve(contract.banUser, (request) => run(() => banUser(auth, request))),
      bus.serve(contract.unbanUser, (request) => run(() => unbanUser(auth, request))),
      bus.serve(contract.isBanned, (request) => run(() => isBanned(auth, request))),
      bus.serve(contract.getUser, (request) => run(() => getUser(auth, request))),
      bus.serve(contract.findUser, (request) => run(() => findUser(auth, request))),
      bus.serve(contract.keys, () => run(() => listKeys(auth))),
      bus.serve(contract.checkLogins, (request) => run(() => checkLogins(auth, request))),
    ];
  }
}

/** What can happen to any database work becomes a value; anything else is a fault, which the bus logs. */
async function run<T, E extends ErrorCode>(
  verb: () => Promise<Outcome<T, E>>,
): Promise<Outcome<T, E | 'unavailable' | 'timeout'>> {
  const attempted = await attempt(verb);
  return attempted.ok ? attempted.value : attempted;
}

interface ResultCounter {
  add(value: number, attributes: { readonly result: string }): void;
}

function count<O extends Outcome<unknown>>(counter: ResultCounter, outcome: O): O {
  counter.add(1, { result: outcome.ok ? 'ok' : outcome.error.code });
  return outcome;
}
