import type { Bus } from '@parley/bus';
import { loginsRevoked, LOGINS_REVOKED_ID, type Outcome, type RawEvent } from '@parley/contracts';
import type { Connection } from '../socket/connection.js';
import type { LiveLogins } from './live-logins.js';
import type { RevokedLogins } from './revoked-logins.js';

export interface RevocationDeps {
  readonly bus: Pick<Bus, 'read'>;
  readonly revoked: RevokedLogins;
  readonly logins: LiveLogins;
  readonly end: (connections: readonly Connection[]) => void;
}

/** Follows what auth revokes: ends who is here with it and remembers it for who still comes. */
export class Revocations {
  constructor(private readonly deps: RevocationDeps) {}

  get subject(): string {
    return loginsRevoked.subject(LOGINS_REVOKED_ID);
  }

  heard(event: RawEvent): void {
    const payload = loginsRevoked.decode(event)?.payload;
    if (payload === undefined) return;
    const { revoked, logins, end } = this.deps;
    for (const loginId of payload.loginIds) {
      revoked.add(loginId);
      end(logins.ofLogin(loginId));
    }
    // Somebody has thrown the user out, rather than the user themself: their guests go too.
    if (payload.reason === 'revoked') end(logins.guestsOf(payload.userId));
  }

  /** What was revoked before this gateway began to listen. */
  async learn(): Promise<Outcome<void>> {
    let after = 0;
    for (;;) {
      const page = await this.deps.bus.read({ stream: 'EVENTS', subject: this.subject, after, limit: 500 });
      if (!page.ok) return page;
      for (const event of page.value.events) {
        after = event.sequence;
        for (const loginId of loginsRevoked.decode(event)?.payload.loginIds ?? []) this.deps.revoked.add(loginId);
      }
      if (!page.value.more || page.value.events.length === 0) return { ok: true, value: undefined };
    }
  }
}
