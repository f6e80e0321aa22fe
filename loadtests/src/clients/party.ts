import type { Down } from '@parley/dialects/party/down';
import type { Heartbeat, Join, Ping } from '@parley/dialects/party/up';
import type { Static } from '@sinclair/typebox';
import { isFields, parse, textIn } from '../lib/json.js';
import type { Line } from '../lib/line.js';
import { complain } from '../lib/measures.js';
import { askNow } from '../lib/rest.js';
import type { Role } from '../lib/returning.js';

export interface Party {
  readonly id: string;
  readonly hostToken: string;
}

/** In a party, or on the way there. Its place outlives its connection. */
export class PartyMember implements Role {
  readonly dialect = 'party';
  memberId: string | undefined;
  /** Why it is not let in: `session_full`. */
  refusal: string | undefined;
  /** Those who left or were thought gone. */
  readonly leavers: string[] = [];
  private line: Line | undefined;

  constructor(
    private readonly party: Party,
    private readonly device: string,
    private readonly host = false,
    private readonly decided: () => void = () => undefined,
  ) {}

  path(): string {
    return this.host ? `/ws/party?token=${this.party.hostToken}` : '/ws/party';
  }

  opened(line: Line): void {
    this.line = line;
    this.join(line);
  }

  heard(text: string, line: Line): 'there' | undefined {
    const message = parse(text);
    if (!isDown(message)) return undefined;
    switch (message.type) {
      case 'welcome':
        if (this.memberId !== undefined && this.memberId !== message.clientId) complain('party: not the place it had');
        this.memberId = message.clientId;
        this.decided();
        return 'there';
      case 'member_left':
        this.leavers.push(message.memberId);
        return undefined;
      case 'error':
        this.refused(message.code, line);
        return undefined;
      case 'session_closed':
      case 'kicked':
        complain(`party: ${message.type}`);
        return undefined;
      default:
        return undefined;
    }
  }

  /** Every five seconds. */
  beat(): void {
    const timestamp = Date.now();
    this.line?.say({ type: 'heartbeat', timestamp } satisfies Static<typeof Heartbeat>);
    this.line?.say({ type: 'ping', timestamp } satisfies Static<typeof Ping>);
  }

  private join(line: Line): void {
    const deviceInfo = {
      id: this.device,
      name: this.device,
      type: this.host ? ('host' as const) : ('client' as const),
    };
    const message: Static<typeof Join> = { type: 'join', timestamp: Date.now(), sessionId: this.party.id, deviceInfo };
    line.say(message);
  }

  private refused(code: string, line: Line): void {
    // Its old connection is not known to be gone yet: it is closed now, and the next join gets in.
    if (code === 'already_joined' || code === 'unavailable') this.join(line);
    else if (code === 'session_full') {
      this.refusal = code;
      this.decided();
    } else complain(`party: ${code}`);
  }
}

/** In setup. */
export function makeParty(token: string, places: number): Party {
  const { status, body } = askNow('POST', '/sessions', token, { name: 'Load', max_members: places });
  if (status !== 201) throw new Error(`no party: ${status} ${JSON.stringify(body)}`);
  return { id: textIn(body, 'id'), hostToken: textIn(body, 'host_token') };
}

/** The server is believed here; whether it keeps to the protocol is what the conformance kit asks. */
function isDown(value: unknown): value is Down {
  return isFields(value) && typeof value['type'] === 'string';
}
