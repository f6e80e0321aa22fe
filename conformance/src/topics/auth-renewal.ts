import { setTimeout as sleep } from 'node:timers/promises';
import type { User } from '../accounts.js';
import type { Context } from '../context.js';
import type { Scenario } from '../scenario.js';
import { ScenarioFailure, Skipped } from '../failure.js';
import { aTime } from '../match.js';
import { ack, anId, ask, check, enter, error, expectNothing, numberAt, soFar, subscribe } from './steps.js';

const WARNING_MS = 60_000;
const MARGIN_SECONDS = 5;

const expiring = { type: 'AuthStatus', data: { status: 'token_expiring', expires_at: aTime, refresh_required: true } };
const refreshed = { type: 'AuthStatus', data: { status: 'refreshed', expires_at: aTime, refresh_required: false } };

export const authRenewal: readonly Scenario[] = [
  {
    rules: ['HS8', 'HS9', 'DN8'],
    title: 'token_expiring once, 60 s ahead or at once; at expiry Error 401, then close 1008',
    needs: ['rest'],
    waitsSeconds: 1,
    async run(context) {
      const user = await shortLived(context);
      const { client } = await enter(context, user);
      const left = user.expiresAt - Date.now();
      const warning = await client.expect(expiring, Math.max(0, left - WARNING_MS) + 5_000);
      const said = numberAt(warning, 'data.expires_at');
      check(Math.abs(said - user.expiresAt) < 1_000, `expires_at differs from the token's ${user.expiresAt}`, warning);
      const last = await client.expect(error(401), user.expiresAt - Date.now() + 5_000);
      const late = Date.now() - user.expiresAt;
      check(late > -1_000 && late < 3_000, `told ${late} ms after the expiry`, last);
      await client.expectClose(1008);
    },
  },
  {
    rules: ['HS10'],
    title: 'a connection whose login was renewed outlives its first token',
    needs: ['rest'],
    waitsSeconds: 1,
    async run(context) {
      const user = await shortLived(context);
      const member = await enter(context, user);
      await subscribe(member, context.topic());
      await sleep(8_000);
      const fresh = await context.logIn(user);
      await ask(member, { type: 'Auth', data: { token: fresh.token } }, refreshed);
      await sleep(user.expiresAt + 2_000 - Date.now());
      await expectNothing(member, 'the end of the old token was felt');
    },
  },
  {
    rules: ['HS10', 'UP2', 'UP3'],
    title: 'Auth with a fresh token answers AuthStatus refreshed, then the Ack; subscriptions stay',
    needs: ['rest'],
    async run(context) {
      const member = await enter(context, await context.user());
      const topic = context.topic();
      await subscribe(member, topic);
      const fresh = await context.logIn(member.user);
      const id = anId();
      const frame = await ask(member, { type: 'Auth', data: { token: fresh.token }, id }, refreshed);
      const expiresAt = numberAt(frame, 'data.expires_at');
      check(Math.abs(expiresAt - (fresh.expiresAt ?? 0)) < 1_000, 'expires_at is not that of the fresh token', frame);
      await member.client.expect(ack(id));
      member.client.send({ type: 'Broadcast', data: { topic, payload: 'still here' } });
      await member.client.expect({ type: 'Broadcast', data: { topic, payload: 'still here' } });
    },
  },
  {
    rules: ['HS11'],
    title: "a rejected token answers Error 401, another user's 403, and the connection goes on as it was",
    users: 2,
    async run(context) {
      const [user, other] = await context.users(2);
      const member = await enter(context, user);
      const topic = context.topic();
      await subscribe(member, topic);
      const [first, second] = [anId(), anId()];
      await ask(member, { type: 'Auth', data: { token: 'nonsense' }, id: first }, error(401, { message_id: first }));
      await ask(member, { type: 'Auth', data: { token: other.token }, id: second }, error(403, { message_id: second }));
      member.client.send({ type: 'Broadcast', data: { topic, payload: 1 } });
      await member.client.expect({ type: 'Broadcast', data: { topic, payload: 1 } });
    },
  },
  {
    rules: ['HS12'],
    title: 'subscriptions that the renewed token does not allow end, told by Status unsubscribed',
    needs: ['rest'],
    async run(context) {
      const member = await enter(context, await context.user());
      const [kept, lost] = [context.topic('kept'), context.topic('lost')];
      await subscribe(member, kept, lost);
      const narrow = await context.logIn(member.user, { publish: ['>'], subscribe: [kept] });
      await ask(member, { type: 'Auth', data: { token: narrow.token } }, refreshed);
      await member.client.expect({
        type: 'Status',
        data: { status: 'unsubscribed', details: { topics: [lost], active_subscriptions: 1 } },
      });
      for (const topic of [lost, kept]) member.client.send({ type: 'Broadcast', data: { topic, payload: 2 } });
      await member.client.expect({ type: 'Broadcast', data: { topic: kept } });
      check((await soFar(member)).length === 0, 'something came that is not allowed any more');
    },
  },
];

/** A token whose end we shall see. */
async function shortLived(context: Context): Promise<User & { readonly expiresAt: number }> {
  const user = await context.logIn(await context.user());
  const { expiresAt } = user;
  if (expiresAt === undefined) throw new ScenarioFailure('the token does not say when it expires');
  const seconds = Math.ceil((expiresAt - Date.now()) / 1_000) + MARGIN_SECONDS;
  if (seconds > context.settings.longestWaitSeconds) {
    throw new Skipped(`tokens live too long to wait for their end: --longest-wait ${seconds}`);
  }
  return { ...user, expiresAt };
}
