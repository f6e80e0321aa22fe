import { aTime, at } from '../match.js';
import type { Scenario } from '../scenario.js';
import { check, connected, enter, fromServer, join, makeRoom, message, stringAt } from './steps.js';

/** The longest head of a frame from a server. */
const HEAD_BYTES = 10;
const BOMB_BYTES = 4_000_000;

export const compression: readonly Scenario[] = [
  {
    rules: ['CP1'],
    title: 'a client that offers permessage-deflate gets long messages compressed, and short ones as they are',
    needs: ['rest'],
    async run(context) {
      const user = await context.user();
      const content = 'all work and no play makes a dull document. '.repeat(500);
      const roomId = await makeRoom(context, user, { content });
      const client = await context.open(user, { deflate: true });
      check(client.extensions.includes('permessage-deflate'), `negotiated was "${client.extensions}"`);
      check(client.extensions.includes('server_no_context_takeover'), 'the server keeps a context');
      const connectionId = stringAt(await client.expect(connected), 'payload.connectionId');
      const before = client.bytesRead;
      const joined = await join({ client, user, connectionId }, roomId);
      check(at(joined.json, 'payload.documentState.content') === content, 'the content is another');
      const long = client.bytesRead - before;
      check(long < content.length / 5, `${joined.text.length} characters came as ${long} bytes`);
      const between = client.bytesRead;
      client.send(message('ping', { timestamp: 1 }));
      const pong = await client.expect(fromServer('pong', { timestamp: 1, serverTime: aTime }));
      const short = client.bytesRead - between;
      const plain = short >= pong.text.length && short <= pong.text.length + HEAD_BYTES;
      check(plain, `${pong.text.length} characters came as ${short} bytes`);
    },
  },
  {
    rules: ['CP1'],
    title: 'a client that does not offer it gets everything as it is',
    needs: ['rest'],
    async run(context) {
      const member = await enter(context, await context.user());
      check(member.client.extensions === '', `negotiated was "${member.client.extensions}"`);
      const roomId = await makeRoom(context, member.user, { content: 'x'.repeat(10_000) });
      const before = member.client.bytesRead;
      const { text } = await join(member, roomId);
      check(member.client.bytesRead - before >= text.length, 'it was compressed nevertheless');
    },
  },
  {
    rules: ['CP2'],
    title: 'what a client compresses is read; a message that is longer than a frame may be closes with 1009',
    async run(context) {
      const user = await context.user();
      const client = await context.open(user, { deflate: true });
      await client.expect(connected);
      const ping = message('ping', { timestamp: 7, more: 'x'.repeat(5_000) });
      client.send(ping);
      await client.expect(fromServer('pong', { timestamp: 7, serverTime: aTime }));
      client.sendText(' '.repeat(BOMB_BYTES));
      await client.expectClose(1009);
    },
  },
];
