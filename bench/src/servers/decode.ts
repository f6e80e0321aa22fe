import { compile } from '@parley/contracts';
import { decodeText } from '@parley/dialects/topics/decode';
import { Broadcast } from '@parley/dialects/topics/up';
import { answerCommands, numberOf, stringOf } from '../harness/rig-child.js';

/** A client's Broadcast of 200 bytes, as it lies in the socket's buffer. */
const text =
  '{"type":"Broadcast","data":{"topic":"chat.general","payload":{"user":"u-1842","text":"good evening, how is it ' +
  'going over there? all well on our side, we think"}},"id":"m-48151623","metadata":{"v":1}}';
const bytes = Buffer.from(text.padEnd(200));
const check = compile(Broadcast);

/** Each returns something of what it has read, so that none of it is optimised away. */
const ways: Readonly<Record<string, () => number>> = {
  parse: () => (JSON.parse(bytes.toString('utf8')) === null ? 0 : 1),
  validate: () => (check.is(JSON.parse(bytes.toString('utf8'))) ? 1 : 0),
  decode: () => {
    const decoded = decodeText(bytes);
    return decoded.kind === 'message' && decoded.message.type === 'Broadcast' ? decoded.message.payload.length : 0;
  },
};

answerCommands({
  size: () => ({ bytes: bytes.length }),
  run: (fields) => {
    const way = ways[stringOf(fields, 'way')];
    let sum = 0;
    const { user, system } = process.cpuUsage();
    for (let count = numberOf(fields, 'count'); count > 0; count--) sum += way?.() ?? 0;
    const used = process.cpuUsage({ user, system });
    return { sum, cpu: used.user + used.system };
  },
});
