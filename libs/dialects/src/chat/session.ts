import { fail, membershipChanged, unreachable, type RawEvent, type ServerId } from '@parley/contracts';
import { none, type Commands, type Farewell, type Login } from '../command.js';
import type { Session, SessionContext } from '../dialect.js';
import type { Frame } from '../frame.js';
import { TokenBucket } from '../token-bucket.js';
import { joinServer, leaveServer } from './actions/membership.js';
import { updatePresence } from './actions/presence.js';
import { EXPIRED_TIMER, renew, tokenTimer } from './actions/renew.js';
import type { Scope } from './actions/scope.js';
import { relaySignal } from './actions/voice-signal.js';
import { decode } from './decode.js';
import { reply } from './encode.js';
import { closeCode, end, ending, invalidMessage, refuse } from './errors.js';
import { handshake } from './handshake.js';
import type { UpMessage } from './up.js';

export const observes: ReadonlySet<string> = new Set([membershipChanged.kind]);

type State =
  { readonly phase: 'opening' } | { readonly phase: 'open'; readonly scope: Scope } | { readonly phase: 'over' };

export function open(context: SessionContext): Session {
  return new ChatSession(context);
}

class ChatSession implements Session {
  private state: State = { phase: 'opening' };
  /** Candidates come in bursts, and a refused signal can be told; so they don't use up what other messages may take. */
  private readonly signals: TokenBucket;
  private readonly others: TokenBucket;
  /** Servers left while the list of servers was being asked for. */
  private readonly left = new Set<ServerId>();

  constructor(private readonly context: SessionContext) {
    const { messagesPerSecond, messageBurst } = context.limits;
    this.signals = new TokenBucket(messagesPerSecond, messageBurst, context.now());
    this.others = new TokenBucket(messagesPerSecond, messageBurst, context.now());
  }

  opened(token: Parameters<Session['opened']>[0]): Commands {
    const { context, left } = this;
    return handshake({ context, left, ready: (login) => this.ready(login) }, token);
  }

  private ready(login: Login): Commands {
    this.state = { phase: 'open', scope: { context: this.context, login } };
    this.left.clear();
    return tokenTimer(login);
  }

  received(frame: Frame): Commands {
    if (this.state.phase !== 'open') return none;
    const decoded = decode(frame);
    if (decoded.kind === 'malformed') return this.over(invalidMessage(decoded.field, decoded.message));
    return this.limited(this.state.scope, decoded.message);
  }

  timer(name: string): Commands {
    if (this.state.phase !== 'open' || name !== EXPIRED_TIMER) return none;
    return this.over([end(closeCode.authenticationFailed, 'token expired')]);
  }

  observed(event: RawEvent): Commands {
    const membership = membershipChanged.decode(event)?.payload;
    if (membership === undefined || this.state.phase === 'over') return none;
    const { serverId, change } = membership;
    if (change === 'joined') {
      this.left.delete(serverId);
      return joinServer(serverId, event.sequence);
    }
    if (this.state.phase === 'opening') this.left.add(serverId);
    return leaveServer(serverId);
  }

  ending(reason: Parameters<Session['ending']>[0]): Commands {
    return this.over(ending(reason));
  }

  /** Presence tells services that ask for it. */
  closed(): readonly Farewell[] {
    return [];
  }

  private limited(scope: Scope, message: UpMessage): Commands {
    const isSignal = message.op === 'VOICE_SIGNAL';
    const waitMs = (isSignal ? this.signals : this.others).take(this.context.now());
    if (waitMs === 0) return this.act(scope, message);
    if (!isSignal) return this.over(ending('flooding'));
    return refuse(fail('rate_limited', 'Too many signals', { retryAfterMs: waitMs }).error, message.op);
  }

  private act(scope: Scope, message: UpMessage): Commands {
    switch (message.op) {
      case 'HEARTBEAT':
        return [reply({ op: 'HEARTBEAT_ACK', t: null, d: null })];
      case 'PRESENCE_UPDATE':
        return updatePresence(scope, message);
      case 'VOICE_SIGNAL':
        return relaySignal(scope, message);
      case 'AUTH':
        return renew(scope, message);
      default:
        return unreachable(message);
    }
  }

  private over(lastWords: Commands): Commands {
    this.state = { phase: 'over' };
    return lastWords;
  }
}
