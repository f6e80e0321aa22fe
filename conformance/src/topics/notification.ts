import { isRecord } from '../match.js';
import type { Scenario } from '../scenario.js';
import { ScenarioFailure } from '../failure.js';
import { anId, check, enter, soFar } from './steps.js';

const actions = [{ label: 'Learn More', url: 'https://status.example.com' }];

export const notification: readonly Scenario[] = [
  {
    rules: ['DN5'],
    title: 'for everyone: reaches connections on all gateways, whatever they are subscribed to',
    needs: ['api-key'],
    users: 2,
    async run(context) {
      const [one, two] = await context.users(2);
      const members = [await enter(context, one), await enter(context, two, { gateway: 2 })];
      const data = { level: 'warning', title: anId(), message: 'System will undergo maintenance', actions };
      await context.rest.asServer('POST', '/notifications', 201, data);
      for (const { client } of members) await client.eventually({ type: 'Notification', data });
    },
  },
  {
    rules: ['DN5'],
    title: "for one user: reaches that user's connections and nobody else's; actions are there when none were given",
    needs: ['api-key'],
    users: 2,
    async run(context) {
      const [one, two] = await context.users(2);
      const mine = [await enter(context, one), await enter(context, one, { gateway: 2 })];
      const other = await enter(context, two, { gateway: 2 });
      const data = { level: 'info', title: anId(), message: 'For you' };
      const told = await context.rest.asServer('POST', '/notifications', 201, { ...data, user_id: one.id });
      for (const { client } of mine) {
        await client.eventually({ type: 'Notification', data: { ...data, actions: [] } });
      }
      const recipients = isRecord(told) ? told['recipients'] : undefined;
      if (recipients !== 2) throw new ScenarioFailure('recipients is not 2', JSON.stringify(told));
      other.client.send({ type: 'Ping', data: { timestamp: 1 } });
      const heard = await other.client.collectUntil({ type: 'Pong' });
      check(!heard.some((frame) => frame.text.includes(data.title)), "another user's notification came");
      await soFar(other);
    },
  },
];
