import { partyEvent, sessions, unreachable, type RawEvent, type SessionId } from '@parley/contracts';
import { close, none, type Commands, type Farewell } from '../command.js';
import type { EndReason, Session, SessionContext } from '../dialect.js';
import type { Frame } from '../frame.js';
import { TokenBucket } from '../token-bucket.js';
import { closeSession, kick } from './actions/direct.js';
import { alreadyHere, join, type Joined } from './actions/join.js';
import { tellLatency } from './actions/latency.js';
import { listMembers } from './actions/member-list.js';
import { EXPIRED_TIMER, renew } from './actions/renew.js';
import { speech, type MemberScope, type Scope } from './actions/scope.js';
import { decode } from './decode.js';
import { reply } from './encode.js';
import { closeCode, ending, lastWords, refuse, refuseBad } from './errors.js';
import { credentialsOf, JOIN_DEADLINE_MS, type Credentials } from './handshake.js';
import { HEARTBEAT_TIMEOUT_MS } from './keepalive.js';
import type { UpJoin, UpMessage } from './up.js';

export const observes: ReadonlySet<string> = new Set([partyEvent.kind]);

const HEARTBEAT_TIMER = 'heartbeat';
const JOIN_TIMER = 'join';

type State =
  | { readonly phase: 'opening' }
  /** In no session. */
  | { readonly phase: 'outside'; readonly credentials: Credentials }
  | { readonly phase: 'joining'; readonly credentials: Credentials; readonly sessionId: SessionId }
  | { readonly phase: 'inside'; readonly member: MemberScope }
  | { readonly phase: 'over'; readonly unsaid: Unsaid | undefined };

/** What the service does not know yet when the connection is gone. */
type Unsaid =
  | { readonly kind: 'leave'; readonly sessionId: SessionId }
  | { readonly kind: 'lost'; readonly sessionId: SessionId; readonly why: 'gone' | 'timeout' | 'error' };

/** Who is ended for what it did gives its place up; who is sent elsewhere, or could not be told enough, may return. */
const lossOf: Record<EndReason, 'gone' | 'timeout' | 'error'> = {
  revoked: 'error',
  login_timeout: 'error',
  idle: 'timeout',
  bad_input: 'error',
  binary_refused: 'error',
  too_large: 'error',
  slow: 'gone',
  flooding: 'error',
  shutdown: 'gone',
  rebalance: 'gone',
  disconnected: 'error',
  replaced: 'gone',
  internal: 'gone',
};

export function open(context: SessionContext): Session {
  return new PartySession(context);
}

class PartySession implements Session {
  private state: State = { phase: 'opening' };
  private readonly scope: Scope;
  private readonly bucket: TokenBucket;
  private formIsKnown = false;

  constructor(private readonly context: SessionContext) {
    const { messagesPerSecond, messageBurst } = context.limits;
    this.bucket = new TokenBucket(messagesPerSecond, messageBurst, context.now());
    this.scope = { context, form: 'flat', login: undefined };
  }

  opened(login: Parameters<Session['opened']>[0]): Commands {
    const credentials = credentialsOf(this.context, login);
    if (credentials.ok) {
      this.state = { phase: 'outside', credentials: credentials.value };
      return none;
    }
    this.state = { phase: 'over', unsaid: undefined };
    return lastWords(speech(this.scope), credentials.error.message, 'unauthorized');
  }

  received(frame: Frame): Commands {
    if (this.state.phase === 'opening' || this.state.phase === 'over') return none;
    if (this.bucket.take(this.context.now()) > 0) return this.ending('flooding');
    const decoded = decode(frame);
    const answerInKind = this.adopt(decoded.form);
    if (decoded.kind === 'malformed') {
      return [...answerInKind, ...refuseBad(speech(this.scope), decoded.field, decoded.message)];
    }
    return [...answerInKind, ...this.act(decoded.message)];
  }

  timer(name: string): Commands {
    if (this.state.phase === 'over') return none;
    switch (name) {
      case JOIN_TIMER:
        return this.state.phase === 'outside' ? this.ending('login_timeout') : none;
      case HEARTBEAT_TIMER:
        return this.state.phase === 'inside' ? this.checkHeartbeat(this.state.member) : none;
      case EXPIRED_TIMER:
        // The place waits for a client that comes back with a fresh one.
        this.over('gone');
        return lastWords(speech(this.scope), 'The access token has expired', 'token expired');
      default:
        return none;
    }
  }

  /** Told at once, also while a join is under way; what it means is decided when its turn comes. */
  observed(event: RawEvent): Commands {
    const news = partyEvent.decode(event)?.payload;
    if (news === undefined) return none;
    if (this.state.phase === 'inside') this.state.member.seen += 1;
    const { connectionId } = this.context;
    switch (news.type) {
      case 'kicked':
        if (news.connectionId !== connectionId) return none;
        return this.later(() => this.sentAway({ type: 'kicked', timestamp: news.at, reason: news.reason }));
      case 'closed':
        return this.later(() => this.sentAway({ type: 'session_closed', timestamp: news.at, reason: news.reason }));
      case 'member_left':
        return this.later((member) => (member.memberId === news.memberId ? this.outOfPlace() : none));
      case 'superseded':
        if (news.connectionId !== connectionId) return none;
        return this.later(() => {
          this.state = { phase: 'over', unsaid: undefined };
          return [close(closeCode.normal, 'joined from elsewhere')];
        });
      default:
        return none;
    }
  }

  measured(roundTripMs: number): Commands {
    return this.state.phase === 'inside' ? tellLatency(this.state.member, roundTripMs) : none;
  }

  ending(reason: EndReason): Commands {
    this.over(lossOf[reason]);
    return ending(speech(this.scope), reason);
  }

  closed(): readonly Farewell[] {
    this.over('gone');
    const { state, context } = this;
    if (state.phase !== 'over' || state.unsaid === undefined) return [];
    const { unsaid } = state;
    const { connectionId } = context;
    const { sessionId } = unsaid;
    return unsaid.kind === 'leave'
      ? [(caller) => caller.call(sessions.leave, { sessionId, connectionId })]
      : [(caller) => caller.call(sessions.lost, { sessionId, connectionId, why: unsaid.why })];
  }

  private act(message: UpMessage): Commands {
    const { state } = this;
    if (state.phase === 'outside') {
      if (message.type === 'join') return this.join(state.credentials, message);
      const told = refuse(speech(this.scope), 'unauthorized', 'Join a session first');
      return [...told, { kind: 'strike' }];
    }
    // While a join is under way the gateway hands over nothing.
    return state.phase === 'inside' ? this.actInside(state.member, message) : none;
  }

  private actInside(member: MemberScope, message: UpMessage): Commands {
    member.heardAt = this.context.now();
    switch (message.type) {
      case 'join':
        return refuse(speech(this.scope), 'already_joined', alreadyHere);
      case 'leave':
        return this.leave(member);
      case 'heartbeat':
        return none;
      case 'ping': {
        const { timestamp } = message;
        return [reply(this.scope.form, { type: 'pong', timestamp, now: this.context.now() })];
      }
      case 'member_list':
        return listMembers(member);
      case 'kick':
        return kick(member, message);
      case 'close_session':
        return closeSession(member, message);
      case 'auth':
        return renew(this.scope, message);
      default:
        return unreachable(message);
    }
  }

  private join(credentials: Credentials, message: UpJoin): Commands {
    return join(
      this.scope,
      {
        credentials,
        asking: (sessionId) => {
          this.state = { phase: 'joining', credentials, sessionId };
        },
        joined: (sessionId, joined) => this.entered(sessionId, joined),
        refused: () => {
          this.state = { phase: 'outside', credentials };
          return [{ kind: 'timer', name: JOIN_TIMER, at: this.context.now() + JOIN_DEADLINE_MS }];
        },
      },
      message,
    );
  }

  private entered(sessionId: SessionId, { memberId }: Joined): Commands {
    const heardAt = this.context.now();
    this.state = {
      phase: 'inside',
      member: { scope: this.scope, sessionId, memberId, seen: 0, heardAt, told: undefined },
    };
    return [{ kind: 'timer', name: JOIN_TIMER, at: undefined }, heartbeatTimer(heardAt)];
  }

  private leave({ sessionId }: MemberScope): Commands {
    this.state = { phase: 'over', unsaid: { kind: 'leave', sessionId } };
    const { connectionId } = this.context;
    return [
      // The event may come before the answer, and is for the others.
      { kind: 'leave', subjects: [partyEvent.subject(sessionId)] },
      {
        kind: 'call',
        perform: async (caller) => {
          const left = await caller.call(sessions.leave, { sessionId, connectionId });
          if (left.ok) this.state = { phase: 'over', unsaid: undefined };
          return [close(closeCode.normal, 'left')];
        },
      },
    ];
  }

  private checkHeartbeat({ heardAt }: MemberScope): Commands {
    if (this.context.now() - heardAt < HEARTBEAT_TIMEOUT_MS) return [heartbeatTimer(heardAt)];
    return this.ending('idle');
  }

  private sentAway(last: Parameters<typeof reply>[1]): Commands {
    this.state = { phase: 'over', unsaid: undefined };
    const reason = last.type === 'kicked' ? 'kicked' : 'session closed';
    return [reply(this.scope.form, last), close(closeCode.normal, reason)];
  }

  /** This gateway was cut off for longer than a place is held. Who joins again gets one, if there is one. */
  private outOfPlace(): Commands {
    this.state = { phase: 'over', unsaid: undefined };
    return [close(closeCode.goingAway, 'place lost')];
  }

  /** Only for who is inside when its turn comes: a join that was refused meanwhile has its answer. */
  private later(act: (member: MemberScope) => Commands): Commands {
    const actInside = (): Commands => (this.state.phase === 'inside' ? act(this.state.member) : none);
    if (this.state.phase === 'inside') return actInside();
    return [{ kind: 'call', perform: () => Promise.resolve(actInside()) }];
  }

  /** Idempotent: how it ended first is how it ended. */
  private over(why: 'gone' | 'timeout' | 'error'): void {
    const { state } = this;
    if (state.phase === 'over') return;
    const sessionId = state.phase === 'inside' ? state.member.sessionId : undefined;
    const asked = state.phase === 'joining' ? state.sessionId : sessionId;
    this.state = { phase: 'over', unsaid: asked === undefined ? undefined : { kind: 'lost', sessionId: asked, why } };
  }

  /** The first frame says how this connection is spoken to. */
  private adopt(form: Scope['form']): Commands {
    if (this.formIsKnown) return none;
    this.formIsKnown = true;
    this.scope.form = form;
    return form === 'nested' ? [{ kind: 'prefer-alternative' }] : none;
  }
}

function heartbeatTimer(heardAt: number): Commands[number] {
  return { kind: 'timer', name: HEARTBEAT_TIMER, at: heardAt + HEARTBEAT_TIMEOUT_MS };
}
