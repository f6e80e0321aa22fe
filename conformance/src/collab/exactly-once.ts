import { at } from '../match.js';
import type { Scenario } from '../scenario.js';
import { apply, check, documentOf, enter, join, operation, soFar, together } from './steps.js';

export const exactlyOnce: readonly Scenario[] = [
  {
    rules: ['UP11', 'UP10'],
    title: 'an operation that is sent again, to another gateway, is acknowledged with its first version and done once',
    needs: ['rest', 'second-gateway'],
    users: 2,
    async run(context) {
      const { roomId, one, two } = await together(context);
      const asked = operation({ operation: ['a'], version: 1 });
      const version = await apply(one, asked);
      await apply(one, operation({ operation: ['b'], version }));
      const elsewhere = await enter(context, one.user, { gateway: 2 });
      await join(elsewhere, roomId);
      for (const member of [elsewhere, one]) {
        check((await apply(member, asked)) === version, 'acknowledged with another version');
      }
      const seen = (await soFar(two)).filter((frame) => at(frame.json, 'id') === asked.id);
      check(seen.length === 1, `the others saw it ${seen.length} times`, seen[1]);
      check(at(await documentOf(context, one.user, roomId), 'content') === 'bahello', 'it was done more than once');
    },
  },
  {
    rules: ['UP11'],
    title: 'so is one whose ack was lost with its connection',
    needs: ['rest', 'second-gateway'],
    users: 2,
    async run(context) {
      const { roomId, one, two } = await together(context);
      for (let n = 0; n < 5; n++) {
        const asked = operation({ operation: ['a'], version: 1 });
        const doomed = await enter(context, one.user, { gateway: n % 2 === 0 ? 1 : 2 });
        await join(doomed, roomId);
        doomed.client.send(asked);
        // Perhaps before it has been read, perhaps before it is acknowledged.
        if (n > 0) await new Promise((resolve) => setTimeout(resolve, n));
        doomed.client.drop();
        check((await apply(one, asked)) === n + 2, 'acknowledged with another version');
      }
      const document = await documentOf(context, two.user, roomId);
      check(at(document, 'content') === 'aaaaahello', `the document is ${JSON.stringify(document)}`);
    },
  },
];
