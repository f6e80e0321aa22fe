import {
  directMessage as directEvent,
  directWaiting,
  fail,
  unreachable,
  type MessageId,
  type RawEvent,
} from '@parley/contracts';
import { close, none, type Commands, type Farewell, type Login } from '../command.js';
import type { Session, SessionContext } from '../dialect.js';
import type { Frame } from '../frame.js';
import { SparseMap } from '../sparse.js';
import { TokenBucket } from '../token-bucket.js';
import { binary, binaryRoute } from './actions/binary.js';
import { broadcast } from './actions/broadcast.js';
import { directMessage } from './actions/direct-message.js';
import { extension } from './actions/extension.js';
import { history } from './actions/history.js';
import { setPresence } from './actions/presence.js';
import { drainQueue, noteLive, QUEUE_RETRY_TIMER } from './actions/queue.js';
import {
  authStatus,
  dropForbidden,
  EXPIRED_TIMER,
  EXPIRING_TIMER,
  RECHECK_TIMER,
  renew,
  tokenTimers,
} from './actions/renew.js';
import type { Scope } from './actions/scope.js';
import { subscribe, unsubscribe } from './actions/subscribe.js';
import { decode, decodeText, type Decoded, type Malformed } from './decode.js';
import { acknowledge, reply } from './encode.js';
import { ending, refuse } from './errors.js';
import { handshake } from './handshake.js';
import type { UpBatch, UpMessage } from './up.js';

export const observes: ReadonlySet<string> = new Set([directEvent.kind, directWaiting.kind]);

const REFUSALS_PER_BURST = 10;

type State =
  { readonly phase: 'opening' } | { readonly phase: 'open'; readonly scope: Scope } | { readonly phase: 'over' };

export function open(context: SessionContext): Session {
  return new TopicsSession(context);
}

class TopicsSession implements Session {
  private state: State = { phase: 'opening' };
  private readonly bucket: TokenBucket;
  /** How often it may be told to slow down before it is sent away: each refusal costs us a frame read and one written. */
  private readonly patience: TokenBucket;
  private readonly live = new Set<MessageId>();

  constructor(private readonly context: SessionContext) {
    const { messagesPerSecond, messageBurst } = context.limits;
    this.bucket = new TokenBucket(messagesPerSecond, messageBurst, context.now());
    this.patience = new TokenBucket(messagesPerSecond, messageBurst * REFUSALS_PER_BURST, context.now());
  }

  opened(token: Parameters<Session['opened']>[0]): Commands {
    return handshake(this.context, token, (login) => this.ready(login));
  }

  private ready(login: Login): Commands {
    const scope: Scope = {
      context: this.context,
      login,
      patterns: new Set(),
      routes: new SparseMap(),
      pending: new SparseMap(),
      live: this.live,
    };
    this.state = { phase: 'open', scope };
    // What waited comes before what is live.
    return [...tokenTimers(login), ...drainQueue(scope)];
  }

  received(frame: Frame): Commands {
    if (this.state.phase !== 'open') return none;
    return this.handle(this.state.scope, decode(frame));
  }

  timer(name: string): Commands {
    if (this.state.phase !== 'open') return none;
    const { scope } = this.state;
    switch (name) {
      case EXPIRING_TIMER:
        return authStatus('token_expiring', scope.login);
      case EXPIRED_TIMER: {
        this.state = { phase: 'over' };
        const { error } = fail('unauthenticated', 'The access token has expired');
        return [...refuse(error, undefined), close(1008, 'token expired')];
      }
      case QUEUE_RETRY_TIMER:
        return drainQueue(scope);
      case RECHECK_TIMER:
        return dropForbidden(scope);
      default:
        return none;
    }
  }

  observed(event: RawEvent): Commands {
    if (event.kind === directEvent.kind) noteLive(this.live, event);
    // Before it is open nothing has to be done: opening takes the queue anyhow.
    if (event.kind !== directWaiting.kind || this.state.phase !== 'open') return none;
    return drainQueue(this.state.scope);
  }

  ending(reason: Parameters<Session['ending']>[0]): Commands {
    this.state = { phase: 'over' };
    return ending(reason);
  }

  /** Presence tells services that ask for it. */
  closed(): readonly Farewell[] {
    return [];
  }

  private handle(scope: Scope, decoded: Decoded): Commands {
    const now = this.context.now();
    // The answer to the server's own question costs the client nothing.
    if (decoded.kind === 'message' && isBarePong(decoded.message)) {
      return this.patience.take(now) === 0 ? none : this.ending('flooding');
    }
    const waitMs = this.bucket.take(now);
    if (decoded.kind === 'malformed') return refuseMalformed(decoded);
    const { message } = decoded;
    if (waitMs === 0) return this.act(scope, message);
    if (this.patience.take(now) > 0) return this.ending('flooding');
    return refuse(fail('rate_limited', 'Too many messages', { retryAfterMs: waitMs }).error, message.id);
  }

  private act(scope: Scope, message: UpMessage): Commands {
    switch (message.type) {
      case 'Ping':
        return [
          reply({ type: 'Pong', data: { timestamp: message.data.timestamp } }),
          ...acknowledge(message.id, 'answered'),
        ];
      case 'Pong':
        return acknowledge(message.id, 'received');
      case 'Subscribe':
        return subscribe(scope, message);
      case 'Unsubscribe':
        return unsubscribe(scope, message);
      case 'Broadcast':
        return broadcast(scope, message);
      case 'DirectMessage':
        return directMessage(scope, message);
      case 'Presence':
        return setPresence(scope, message);
      case 'History':
        return history(scope, message);
      case 'Auth':
        return renew(scope, message);
      case 'BinaryRoute':
        return binaryRoute(scope, message);
      case 'Binary':
        return binary(scope, message);
      case 'Extension':
        return extension(scope, message);
      case 'Batch':
        return this.batch(scope, message);
      default:
        return unreachable(message);
    }
  }

  /** Each item is looked at only when those before it are done: it may depend on what they changed. */
  private batch(scope: Scope, { id, items }: UpBatch): Commands {
    const steps = items.map((item, index) => {
      const step = (): Commands => this.item(scope, decodeText(item), index);
      return { kind: 'call', perform: () => Promise.resolve(step()) } as const;
    });
    return [...steps, ...acknowledge(id, 'processed')];
  }

  private item(scope: Scope, decoded: Decoded, index: number): Commands {
    if (decoded.kind === 'message' && decoded.message.type === 'Batch') {
      const messageId = decoded.message.id;
      return refuseMalformed({
        kind: 'malformed',
        field: `data.messages.${index}.type`,
        message: 'A Batch cannot hold another',
        ...(messageId === undefined ? {} : { messageId }),
      });
    }
    if (decoded.kind === 'malformed') {
      const field = decoded.field === 'frame' ? '' : `.${decoded.field}`;
      return this.handle(scope, { ...decoded, field: `data.messages.${index}${field}` });
    }
    return this.handle(scope, decoded);
  }
}

function isBarePong(message: UpMessage): boolean {
  return message.type === 'Pong' && message.id === undefined;
}

function refuseMalformed({ field, message, messageId }: Malformed): Commands {
  return [...refuse(fail('invalid', message, { field }).error, messageId), { kind: 'strike' }];
}
