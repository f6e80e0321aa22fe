import { aTime, type Pattern } from '../match.js';
import type { Scenario } from '../scenario.js';
import { ack, anId, ask, check, enter, error, expectNothing, subscribe, type Member } from './steps.js';

/** A user whose last connection is gone is still shown for so long, and a little. */
const GRACE_MS = 10_000;

const presenceOf = (user: string, status: string, metadata: Pattern = {}): Pattern => ({
  type: 'Presence',
  data: { user_id: user, status, last_seen: aTime, metadata },
});

export const presence: readonly Scenario[] = [
  {
    rules: ['DN6', 'UP21', 'DN8'],
    title: 'a subscriber on the other gateway sees a user come, change and go',
    users: 2,
    needs: ['rest'],
    async run(context) {
      const watched = await context.user({ fresh: true });
      const watcher = await enter(context, await context.user(), { gateway: 2 });
      await subscribe(watcher, `presence.${watched.id}`);
      const member = await enter(context, watched);
      await watcher.client.expect(presenceOf(watched.id, 'online'));
      const metadata = { device: 'web', location: 'New York' };
      await setStatus(member, { status: 'dnd', metadata });
      await watcher.client.expect(presenceOf(watched.id, 'dnd', metadata));
      await setStatus(member, { status: 'idle' });
      await watcher.client.expect(presenceOf(watched.id, 'idle', metadata));
      await member.client.close();
      await watcher.client.expect(presenceOf(watched.id, 'offline'), GRACE_MS);
    },
  },
  {
    rules: ['UP21'],
    title: 'away counts as idle and busy as dnd; a status that there is not answers Error 400',
    users: 2,
    needs: ['rest'],
    async run(context) {
      const watched = await context.user({ fresh: true });
      const member = await enter(context, watched);
      const watcher = await enter(context, await context.user(), { gateway: 2 });
      await subscribe(watcher, `presence.${watched.id}`);
      for (const [said, shown] of [
        ['away', 'idle'],
        ['busy', 'dnd'],
        ['online', 'online'],
      ] as const) {
        await setStatus(member, { status: said });
        await watcher.client.eventually(presenceOf(watched.id, shown));
      }
      await ask(member, { type: 'Presence', data: { status: 'asleep' } }, error(400, { field: 'data.status' }));
    },
  },
  {
    rules: ['UP21', 'DN6'],
    title: 'who chooses offline is seen as offline while connected, and by nobody as more',
    users: 2,
    needs: ['rest'],
    async run(context) {
      const watched = await context.user({ fresh: true });
      const member = await enter(context, watched);
      const watcher = await enter(context, await context.user(), { gateway: 2 });
      await subscribe(watcher, `presence.${watched.id}`);
      await setStatus(member, { status: 'offline', metadata: { device: 'hidden' } });
      await watcher.client.eventually({
        type: 'Presence',
        data: { user_id: watched.id, status: 'offline', metadata: {} },
      });
      await expectNothing(member, 'the connection heard of its own status without asking');
    },
  },
  ...['presence.*', 'presence.>'].map((pattern): Scenario => ({
    rules: ['DN6', 'DN7'],
    title: `${pattern} hears of everyone`,
    users: 2,
    needs: ['rest'],
    async run(context) {
      const watcher = await enter(context, await context.user(), { gateway: 2 });
      const answer = { type: 'Status', data: { status: 'subscribed', details: { presence: { users: isList } } } };
      await ask(watcher, { type: 'Subscribe', data: { topics: [pattern] } }, answer);
      const watched = await context.user({ fresh: true });
      await enter(context, watched);
      await watcher.client.eventually(presenceOf(watched.id, 'online'));
    },
  })),
  {
    rules: ['DN7'],
    title: 'the Status of a subscribe tells who is online now',
    users: 2,
    needs: ['rest'],
    async run(context) {
      const [here, away] = [await context.user({ fresh: true }), await context.user({ fresh: true })];
      const member = await enter(context, here);
      await setStatus(member, { status: 'dnd', metadata: { device: 'web' } });
      const watcher = await enter(context, await context.user(), { gateway: 2 });
      const topics = [`presence.${here.id}`, `presence.${away.id}`];
      const shown = { user_id: here.id, status: 'dnd', last_seen: aTime, metadata: { device: 'web' } };
      await ask(
        watcher,
        { type: 'Subscribe', data: { topics } },
        { type: 'Status', data: { details: { presence: { users: [shown], total: 1 } } } },
      );
      // What led to this may still be on its way.
      watcher.client.send({ type: 'Subscribe', data: { topics: [context.topic()] } });
      const plain = await watcher.client.eventually({ type: 'Status', data: { status: 'subscribed' } });
      check(!plain.text.includes('"presence":'), 'presence is told though nobody asked', plain);
    },
  },
  {
    rules: ['LM4'],
    title: 'presence metadata of 4,096 characters is taken, more answers Error 400',
    async run(context) {
      const member = await enter(context, await context.user());
      const sized = (characters: number) => ({ a: 'x'.repeat(characters - '{"a":""}'.length) });
      await setStatus(member, { status: 'online', metadata: sized(4_096) });
      const id = anId();
      const message = { type: 'Presence', data: { status: 'online', metadata: sized(4_097) }, id };
      await ask(member, message, error(400, { field: 'data.metadata', message_id: id }));
      await setStatus(member, { status: 'online', metadata: {} });
    },
  },
];

function isList(value: unknown): boolean {
  return Array.isArray(value);
}

async function setStatus(member: Member, data: object): Promise<void> {
  const id = anId();
  await ask(member, { type: 'Presence', data, id }, ack(id));
}
