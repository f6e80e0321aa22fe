import { anIsoTime } from '../match.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { User } from '../accounts.js';
import type { Context } from '../context.js';
import { Skipped } from '../failure.js';
import type { Scenario } from '../scenario.js';
import { check, enter, event, refusal, soFar } from './steps.js';

const MARGIN_SECONDS = 5;
const RENEWED = event('AUTH_RENEWED', { expires_at: anIsoTime });

export const login: readonly Scenario[] = [
  {
    rules: ['HS9'],
    title: 'when the token expires the connection is closed with 4001, not sooner',
    needs: ['rest'],
    waitsSeconds: 1,
    async run(context) {
      const user = await shortLived(context);
      const { client } = await enter(context, user, { gateway: 2 });
      const { reason } = await client.expectClose(4001, user.expiresAt - Date.now() + 5_000);
      const late = Date.now() - user.expiresAt;
      check(late > -1_000 && late < 3_000, `closed ${late} ms after the expiry`);
      check(reason === 'token expired', `the reason is "${reason}"`);
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
      await sleep(8_000);
      const fresh = await context.logIn(user);
      member.client.send({ op: 'AUTH', d: { token: fresh.token } });
      await member.client.expect(RENEWED);
      await sleep(user.expiresAt + 2_000 - Date.now());
      const [stray] = await soFar(member);
      check(stray === undefined, 'the end of the old token was felt', stray);
    },
  },
  {
    rules: ['HS11', 'UP7'],
    title: 'AUTH with a rejected token is refused, with another user’s too; the connection goes on',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [user, other] = await context.users(2);
      const member = await enter(context, user);
      member.client.send({ op: 'AUTH', d: { token: 'not-a-token' } });
      await member.client.expect(refusal('unauthenticated', 'AUTH'));
      member.client.send({ op: 'AUTH', d: { token: other.token } });
      await member.client.expect(refusal('forbidden', 'AUTH'));
      const [stray] = await soFar(member);
      check(stray === undefined, 'a refused AUTH was felt', stray);
    },
  },
  {
    rules: ['ER3'],
    title: 'logging out closes the connections of that login with 4001 within 2 s, and of no other',
    needs: ['rest'],
    async run(context) {
      const user = await context.user({ fresh: true });
      const second = await context.logIn(user);
      const [one, two] = [await enter(context, second), await enter(context, second, { gateway: 2 })];
      const other = await enter(context, user);
      await context.logOut(second);
      await Promise.all([one, two].map(({ client }) => client.expectClose(4001, 2_500)));
      const [stray] = await soFar(other);
      check(stray === undefined, 'another login was ended too', stray);
    },
  },
];

async function shortLived(context: Context): Promise<User & { readonly expiresAt: number }> {
  const user = await context.user({ fresh: true });
  const { expiresAt } = user;
  if (expiresAt === undefined) throw new Skipped('the token does not say when it expires');
  const seconds = Math.ceil((expiresAt - Date.now()) / 1_000) + MARGIN_SECONDS;
  if (seconds > context.settings.longestWaitSeconds)
    throw new Skipped(`tokens live too long: --longest-wait ${seconds}`);
  return { ...user, expiresAt };
}
