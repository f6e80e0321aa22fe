import type { Down } from '@parley/dialects/chat/down';
import type { Heartbeat } from '@parley/dialects/chat/up';
import type { Static } from '@sinclair/typebox';
import type { User } from '../lib/accounts.js';
import { isFields, parse, textIn } from '../lib/json.js';
import { Ledger } from '../lib/ledger.js';
import { ackMs, acked, complain, deliveryMs, received } from '../lib/measures.js';
import { ask, askNow } from '../lib/rest.js';
import type { Role } from '../lib/returning.js';

const DIALECT = { dialect: 'chat' };

/** A member of a server. After a loss it says what it has seen last, and is told what it missed. */
export class ChatMember implements Role {
  readonly dialect = 'chat';
  /** By message id. */
  readonly ledger = new Ledger();
  private since: number | undefined;

  constructor(
    private readonly user: User,
    private readonly channelId: string,
  ) {}

  path(): string {
    const since = this.since === undefined ? '' : `&since=${this.since}`;
    return `/ws/chat?token=${this.user.token}${since}`;
  }

  opened(): void {
    // READY comes by itself.
  }

  heartbeat(): Static<typeof Heartbeat> {
    return { op: 'HEARTBEAT' };
  }

  heard(text: string): 'there' | undefined {
    const message = parse(text);
    if (!isDown(message) || message.op !== 'DISPATCH') return undefined;
    if (message.t === 'READY') {
      if (message.d.resumed === false) complain(`chat: what came after ${String(this.since)} is not there any more`);
      this.since = Math.max(this.since ?? 0, message.d.sequence);
      return 'there';
    }
    if ('s' in message) this.since = Math.max(this.since ?? 0, message.s);
    if (message.t === 'MESSAGE_CREATE' && message.d.channel_id === this.channelId) {
      this.ledger.add(message.d.id, message.s ?? 0);
      received.add(1, DIALECT);
      deliveryMs.add(Date.now() - Number(message.d.content.split(' ').at(-1)), DIALECT);
    }
    return undefined;
  }
}

/** Posts over REST; the id once it is acknowledged. What got no answer is posted again, and may then be there twice under two ids. */
export async function postMessage(user: User, channelId: string, n: number): Promise<string | undefined> {
  const at = Date.now();
  const { status, body } = await ask('POST', `/channels/${channelId}/messages`, user.token, { content: `${n} ${at}` });
  const id = textIn(body, 'id');
  if (status !== 201 || id === '') {
    complain(`chat: a message was answered ${status} ${JSON.stringify(body)}`);
    return undefined;
  }
  acked.add(1, DIALECT);
  ackMs.add(Date.now() - at, DIALECT);
  return id;
}

/** In setup: a server with one channel; its id and the channel's. */
export function makeServer(owner: User): { readonly serverId: string; readonly channelId: string } {
  const server = askNow('POST', '/servers', owner.token, { name: 'Load' });
  const serverId = textIn(server.body, 'id');
  const channel = askNow('POST', `/servers/${serverId}/channels`, owner.token, { name: 'load', type: 'text' });
  if (channel.status !== 201) throw new Error(`no channel: ${server.status}, ${channel.status}`);
  return { serverId, channelId: textIn(channel.body, 'id') };
}

export async function joinServer(user: User, serverId: string): Promise<void> {
  const { status } = await ask('POST', `/servers/${serverId}/join`, user.token, {});
  if (status !== 201 && status !== 409) throw new Error(`joining the server was answered ${status}`);
}

/** The server is believed here; whether it keeps to the protocol is what the conformance kit asks. */
function isDown(value: unknown): value is Down {
  return isFields(value) && typeof value['op'] === 'string';
}
