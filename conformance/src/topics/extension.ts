import type { Scenario } from '../scenario.js';
import { ack, anId, ask, enter, error, expectNothing } from './steps.js';

export const extension: readonly Scenario[] = [
  {
    rules: ['UP22'],
    title: 'a name that no backend serves answers Error 404, with and without an id',
    async run(context) {
      const member = await enter(context, await context.user());
      const id = anId();
      const message = { type: 'X-NobodyServesThis', data: { action: 'special_operation', parameters: {} } };
      await ask(member, { ...message, id }, error(404, { message_id: id }));
      await ask(member, message, error(404, { message_id: undefined }));
    },
  },
  {
    rules: ['UP22', 'UP3', 'UP4'],
    title: "the backend's reply comes back under the same type, then the Ack",
    needs: ['echo'],
    async run(context) {
      const member = await enter(context, await context.user());
      const type = context.settings.echo ?? '';
      for (const data of [{ action: 'special_operation', parameters: {} }, [1, 'two', null], 'text', null, 0]) {
        const id = anId();
        await ask(member, { type, data, id }, { type, data });
        await member.client.expect(ack(id));
      }
      await ask(member, { type, data: { n: 1 } }, { type, data: { n: 1 } });
      await expectNothing(member, 'a message without an id got an Ack');
    },
  },
  {
    rules: ['LM4', 'ER2'],
    title: 'data nested deeper than 32 answers Error 400, as does metadata',
    async run(context) {
      const member = await enter(context, await context.user());
      const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
      member.client.sendText(`{"type":"X-Any","data":${nested(33)},"id":"d1"}`);
      await member.client.expect(error(400, { field: 'data', message_id: 'd1' }));
      member.client.sendText(`{"type":"X-Any","data":${nested(32)},"id":"d2"}`);
      await member.client.expect(error(404, { message_id: 'd2' }));
      member.client.sendText(`{"type":"Ping","data":{"timestamp":1},"metadata":{"a":${nested(33)}},"id":"d3"}`);
      await member.client.expect(error(400, { field: 'metadata', message_id: 'd3' }));
    },
  },
  {
    rules: ['UP22', 'ER2'],
    title: 'a name that is none answers Error 400',
    async run(context) {
      const member = await enter(context, await context.user());
      for (const type of ['X-', 'X-a.b', 'X-*', 'X-a b', `X-${'a'.repeat(65)}`]) {
        await ask(member, { type, data: {} }, error(400, { field: 'type' }));
      }
    },
  },
];
