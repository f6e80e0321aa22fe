import { setTimeout as sleep } from 'node:timers/promises';
import type { User } from '../accounts.js';
import type { Context } from '../context.js';
import { ScenarioFailure, Skipped } from '../failure.js';
import { at, aTime } from '../match.js';
import type { Scenario } from '../scenario.js';
import { ack, ask, check, connectWith, enter, error, expectNothing, fromServer, message, numberAt } from './steps.js';

const MARGIN_SECONDS = 5;
const renewed = fromServer('auth_renewed', { expiresAt: aTime });

export const login: readonly Scenario[] = [
  {
    rules: ['HS11'],
    title: 'when the token expires: error 1001, then close 1008',
    needs: ['rest'],
    waitsSeconds: 1,
    async run(context) {
      const user = await shortLived(context);
      const { client } = await enter(context, user);
      await client.expect(error(1001), user.expiresAt - Date.now() + 5_000);
      const late = Date.now() - user.expiresAt;
      check(late > -1_000 && late < 3_000, `told ${late} ms after the expiry`);
      await client.expectClose(1008);
    },
  },
  {
    rules: ['HS12'],
    title: 'a connection whose login was renewed outlives its first token',
    needs: ['rest'],
    waitsSeconds: 1,
    async run(context) {
      const user = await shortLived(context);
      const member = await enter(context, user);
      await sleep(8_000);
      const fresh = await context.logIn(user);
      const renewal = await ask(member, message('auth', { token: fresh.token }), renewed);
      const off = Math.abs(numberAt(renewal, 'payload.expiresAt') - (fresh.expiresAt ?? 0));
      check(off < 1_000, 'expiresAt is not that of the fresh token', renewal);
      await sleep(user.expiresAt + 2_000 - Date.now());
      await expectNothing(member, 'the end of the old token was felt');
    },
  },
  {
    rules: ['HS12', 'HS10', 'UP2'],
    title: 'auth with acknowledgment is answered by auth_renewed, then the ack',
    needs: ['rest'],
    async run(context) {
      const member = await enter(context, await context.user());
      const fresh = await context.logIn(member.user);
      const asked = message('auth', { token: fresh.token }, { acknowledgment: true });
      await ask(member, asked, renewed);
      await member.client.expect(ack(asked.id));
    },
  },
  {
    rules: ['HS13'],
    title: 'a rejected token answers 1001, another user’s 2003, and the connection goes on as it was',
    users: 2,
    async run(context) {
      const [user, other] = await context.users(2);
      const member = await enter(context, user);
      for (const asked of [message('auth', { token: 'nonsense' }), connectWith({ token: 'nonsense' })]) {
        await ask(member, asked, error(1001, { messageId: asked.id, field: 'payload.token' }));
      }
      for (const asked of [message('auth', { token: other.token }), connectWith(other)]) {
        await ask(member, asked, error(2003, { messageId: asked.id, field: 'payload.token' }));
      }
      await expectNothing(member, 'more was said');
    },
  },
  {
    rules: ['ER10'],
    title: 'a login that is logged out gets error 1001 and close 1008 on every gateway within 2 s; others stay',
    needs: ['rest'],
    async run(context) {
      const user = await context.user();
      const doomed = await context.logIn(user);
      const members = [await enter(context, doomed), await enter(context, doomed, { gateway: 2 })];
      const other = await enter(context, user);
      await context.logOut(doomed);
      for (const { client } of members) {
        await client.expect(error(1001), 2_000);
        await client.expectClose(1008);
      }
      await expectNothing(other, 'another login of the user was told');
    },
  },
  {
    rules: ['ER11'],
    title: 'an operator closes a connection with 1008',
    needs: ['api-key'],
    async run(context) {
      const member = await enter(context, await context.user(), { gateway: 2 });
      await context.rest.asServer('DELETE', `/admin/connections/${member.connectionId}`, 204);
      const { closed } = await member.client.ended();
      check(closed.code === 1008, `closed with ${closed.code}, expected 1008`);
      check(at(closed, 'reason') !== '', 'closed without a reason');
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
