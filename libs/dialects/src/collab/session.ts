import { fail, roomEvent, unreachable, type RawEvent } from '@parley/contracts';
import { none, type Commands, type Farewell, type Login } from '../command.js';
import type { Session, SessionContext } from '../dialect.js';
import type { Frame } from '../frame.js';
import { SparseMap, SparseSet } from '../sparse.js';
import { PendingAcks } from './actions/acks.js';
import { about, acknowledge } from './actions/answer.js';
import { batch, packedBatch } from './actions/batch.js';
import { joinRoom } from './actions/join-room.js';
import { farewells, leaveRoom, observeRoom } from './actions/leave-room.js';
import { Limits } from './actions/limits.js';
import { submit } from './actions/operation.js';
import { binaryPointer, changeSelection, moveCursor, preferBinary } from './actions/pointer.js';
import { connectAgain, EXPIRED_TIMER, renew, tokenTimer } from './actions/renew.js';
import type { Scope } from './actions/scope.js';
import { decode, type Bad, type Decoded } from './decode.js';
import { reply } from './encode.js';
import { ending, lastWords, refuse } from './errors.js';
import { connect, handshake, refuseEarly, type Handshake, type Wishes } from './handshake.js';
import type { UpMessage } from './up.js';

export const observes: ReadonlySet<string> = new Set([roomEvent.kind]);

type State =
  { readonly phase: 'opening' } | { readonly phase: 'open'; readonly scope: Scope } | { readonly phase: 'over' };

export function open(context: SessionContext): Session {
  return new CollabSession(context);
}

class CollabSession implements Session {
  private state: State = { phase: 'opening' };
  /** Outlives `state`: what the connection has entered has to be left when it is over, too. */
  private scope: Scope | undefined;
  private readonly limits: Limits;
  private readonly handshake: Handshake;

  constructor(private readonly context: SessionContext) {
    this.limits = new Limits(context.limits, context.now());
    this.handshake = {
      context,
      over: () => {
        this.state = { phase: 'over' };
      },
      ready: (login, wishes) => this.ready(login, wishes),
    };
  }

  opened(token: Parameters<Session['opened']>[0]): Commands {
    return handshake(this.handshake, token);
  }

  private ready(login: Login, { replaces, binary }: Wishes): Commands {
    const scope: Scope = {
      context: this.context,
      login,
      rooms: new SparseMap(),
      entered: new SparseSet(),
      acks: new PendingAcks(),
      replaces,
      binary: false,
    };
    this.scope = scope;
    this.state = { phase: 'open', scope };
    return [...tokenTimer(login), ...(binary === true ? preferBinary(scope) : none)];
  }

  received(frame: Frame): Commands {
    if (this.state.phase === 'over') return none;
    const decoded = decode(frame);
    return this.state.phase === 'open' ? this.handle(this.state.scope, decoded) : this.early(decoded);
  }

  timer(name: string): Commands {
    if (this.state.phase !== 'open' || name !== EXPIRED_TIMER) return none;
    this.state = { phase: 'over' };
    const { error } = fail('unauthenticated', 'The access token has expired');
    return lastWords(this.context.now(), error, 1008, 'token expired');
  }

  observed(event: RawEvent): Commands {
    return this.state.phase === 'open' ? observeRoom(this.state.scope, event) : none;
  }

  ending(reason: Parameters<Session['ending']>[0]): Commands {
    this.state = { phase: 'over' };
    return ending(this.context.now(), reason);
  }

  closed(): readonly Farewell[] {
    this.state = { phase: 'over' };
    return this.scope === undefined ? [] : farewells(this.scope);
  }

  private early(decoded: Decoded): Commands {
    if (decoded.kind === 'malformed') return this.refuseBad(decoded);
    const { message } = decoded;
    if (message.type === 'connect') return connect(this.handshake, message);
    return refuseEarly(this.handshake, 'id' in message ? message.id : undefined);
  }

  private handle(scope: Scope, decoded: Decoded): Commands {
    const now = this.context.now();
    if (decoded.kind === 'malformed') {
      this.limits.takeBad(now);
      return this.refuseBad(decoded);
    }
    const { message } = decoded;
    const verdict = this.limits.take(message.type, now);
    if (verdict === 0) return this.act(scope, message);
    if (verdict === 'flooding') return this.ending('flooding');
    const { error } = fail('rate_limited', 'Too many messages', { retryAfterMs: verdict });
    return refuse(now, error, 'id' in message ? message : {});
  }

  private act(scope: Scope, message: UpMessage): Commands {
    switch (message.type) {
      case 'connect':
        return connectAgain(scope, message);
      case 'auth':
        return renew(scope, message);
      case 'join_room':
        return joinRoom(scope, message);
      case 'leave_room':
        return leaveRoom(scope, message);
      case 'cursor_move':
        return moveCursor(scope, message);
      case 'selection_change':
        return changeSelection(scope, message);
      case 'binary_cursor':
      case 'binary_selection':
        return binaryPointer(scope, message);
      case 'operation':
        return submit(scope, message);
      case 'ping': {
        const { timestamp } = message.payload;
        const pong = { timestamp, serverTime: this.context.now() };
        return [reply('pong', pong, about(scope)), ...acknowledge(scope, message)];
      }
      case 'batch':
        return batch(scope, message, this.handling(scope));
      case 'packed_batch':
        return packedBatch(scope, message, this.handling(scope));
      default:
        return unreachable(message);
    }
  }

  private handling(scope: Scope) {
    return {
      handle: (decoded: Decoded) => (this.state.phase === 'open' ? this.handle(scope, decoded) : none),
    };
  }

  private refuseBad({ field, message, messageId }: Bad): Commands {
    const { error } = fail('invalid', message, { field });
    const cause = messageId === undefined ? {} : { id: messageId };
    return [...refuse(this.context.now(), error, cause), { kind: 'strike' }];
  }
}
