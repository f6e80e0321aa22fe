import { devices, unreachable, watch, watchEvent, type RawEvent } from '@parley/contracts';
import { close, none, type Commands, type Farewell, type Login } from '../command.js';
import type { EndReason, Session, SessionContext } from '../dialect.js';
import type { Frame } from '../frame.js';
import { TokenBucket } from '../token-bucket.js';
import { deviceHello, viewerHello, type HelloSteps } from './actions/hello.js';
import { tellPresence } from './actions/presence.js';
import { EXPIRED_TIMER, renew } from './actions/renew.js';
import type { DeviceScope, Identity, Scope, ViewerScope } from './actions/scope.js';
import { relaySignal } from './actions/signal.js';
import { endWatch, requestWatch } from './actions/watching.js';
import { decodeDevice, decodeViewer, type Decoded } from './decode.js';
import { reply, type Speech } from './encode.js';
import { closeCode, ending, lastWords, refuse, refuseBad, said } from './errors.js';
import { roleOf } from './handshake.js';
import type { DeviceMessage, UpHeartbeat, ViewerMessage } from './up.js';

export const observes: ReadonlySet<string> = new Set([watchEvent.kind]);

export function open(context: SessionContext): Session {
  return roleOf(context) === 'device' ? new DeviceSession(context) : new ViewerSession(context);
}

/** What both roles have: hello first, then messages, and a goodbye that the services hear of. */
abstract class WatchSession<M, S extends Scope> implements Session {
  private readonly bucket: TokenBucket;
  private phase: 'opening' | 'outside' | 'greeting' | 'over' | S = 'opening';
  /** Whom the services believe to be reached by this connection. */
  private announced: Identity | undefined;
  /** Its login was ended, and not only this connection. */
  private revoked = false;

  constructor(protected readonly context: SessionContext) {
    const { messagesPerSecond, messageBurst } = context.limits;
    this.bucket = new TokenBucket(messagesPerSecond, messageBurst, context.now());
  }

  protected abstract decode(frame: Frame): Decoded<M>;
  protected abstract admit(login: Parameters<Session['opened']>[0]): Commands;
  /** Undefined: no hello. */
  protected abstract greet(message: M, steps: HelloSteps<S>): Commands | undefined;
  protected abstract act(scope: S, message: M): Commands;

  opened(login: Parameters<Session['opened']>[0]): Commands {
    this.phase = 'outside';
    return this.admit(login);
  }

  received(frame: Frame): Commands {
    const { phase } = this;
    if (phase === 'opening' || phase === 'over') return none;
    if (this.bucket.take(this.context.now()) > 0) return this.ending('flooding');
    const decoded = this.decode(frame);
    const { requestId } = decoded;
    if (decoded.kind === 'malformed') {
      return refuseBad(this.speech(requestId), decoded.field, decoded.message);
    }
    if (typeof phase === 'object') return this.act(phase, decoded.message);
    // While a hello is under way the gateway hands over nothing.
    if (phase === 'greeting') return none;
    const commands = this.greet(decoded.message, this.steps());
    if (commands === undefined) return [...refuse(this.speech(requestId), said.unauthorized), { kind: 'strike' }];
    this.phase = 'greeting';
    return commands;
  }

  timer(name: string): Commands {
    if (name !== EXPIRED_TIMER || this.phase === 'over') return none;
    return this.over(lastWords(this.speech(), said.invalidToken, 'token expired'));
  }

  /** Only the end of a connection is the session's business; everything else is told as it comes. */
  observed(event: RawEvent): Commands {
    const news = watchEvent.decode(event)?.payload;
    if (news?.type !== 'closed') return none;
    // Nobody has to be told that this connection is gone: another one is there already, or the device itself is not.
    this.announced = undefined;
    return this.over(
      news.reason === 'replaced'
        ? [close(closeCode.normal, 'replaced')]
        : lastWords(this.speech(), said.deviceNotFound, 'device deleted'),
    );
  }

  ending(reason: EndReason): Commands {
    this.revoked = reason === 'revoked';
    return this.over(ending(this.speech(), reason));
  }

  closed(): readonly Farewell[] {
    this.phase = 'over';
    return this.announced === undefined ? [] : [this.farewell(this.announced)];
  }

  protected heartbeatAck({ request_id }: UpHeartbeat): Commands {
    return [reply(this.speech(request_id), { type: 'heartbeat_ack', payload: {} })];
  }

  protected over(lastCommands: Commands): Commands {
    this.phase = 'over';
    return lastCommands;
  }

  protected speech(requestId?: string): Speech {
    return { at: this.context.now(), requestId };
  }

  protected secondHello(requestId: string | undefined): Commands {
    return [...refuse(this.speech(requestId), 'This connection has said hello already'), { kind: 'strike' }];
  }

  private farewell(identity: Identity): Farewell {
    const { connectionId } = this.context;
    // Whoever was thrown out is not waited for: what they watch, or show, ends now.
    const connection = { connectionId, ...(this.revoked ? { final: true } : {}) };
    return async (caller) =>
      identity.role === 'device'
        ? caller.call(devices.disconnect, { deviceId: identity.deviceId, ...connection })
        : caller.call(watch.disconnectViewer, { userId: identity.userId, ...connection });
  }

  private steps(): HelloSteps<S> {
    return {
      announcing: (identity) => {
        this.announced = identity;
      },
      done: (scope) => {
        // Replaced meanwhile: what was answered stays true, but nothing follows.
        if (this.phase !== 'over') this.phase = scope;
        return none;
      },
    };
  }
}

class DeviceSession extends WatchSession<DeviceMessage, DeviceScope> {
  protected decode(frame: Frame): Decoded<DeviceMessage> {
    return decodeDevice(frame);
  }

  /** What came with the upgrade may be the device's key, of which the gateway cannot know. */
  protected admit(): Commands {
    return none;
  }

  protected greet(message: DeviceMessage, steps: HelloSteps<DeviceScope>): Commands | undefined {
    return message.type === 'hello' ? deviceHello(this.context, message, steps) : undefined;
  }

  protected act(scope: DeviceScope, message: DeviceMessage): Commands {
    switch (message.type) {
      case 'hello':
        return this.secondHello(message.request_id);
      case 'heartbeat':
        return this.heartbeatAck(message);
      case 'signal':
        return relaySignal(scope, message);
      case 'device_presence':
        return tellPresence(scope, message);
      default:
        return unreachable(message);
    }
  }
}

class ViewerSession extends WatchSession<ViewerMessage, ViewerScope> {
  private upgraded: Login | undefined;

  protected decode(frame: Frame): Decoded<ViewerMessage> {
    return decodeViewer(frame);
  }

  protected admit(login: Parameters<Session['opened']>[0]): Commands {
    if (login?.ok === false) return this.over(lastWords(this.speech(), said.invalidToken, 'invalid token'));
    this.upgraded = login?.value;
    return none;
  }

  protected greet(message: ViewerMessage, steps: HelloSteps<ViewerScope>): Commands | undefined {
    return message.type === 'hello' ? viewerHello(this.context, this.upgraded, message, steps) : undefined;
  }

  protected act(scope: ViewerScope, message: ViewerMessage): Commands {
    switch (message.type) {
      case 'hello':
        return this.secondHello(message.request_id);
      case 'heartbeat':
        return this.heartbeatAck(message);
      case 'watch_request':
        return requestWatch(scope, message);
      case 'signal':
        return relaySignal(scope, message);
      case 'end_watch':
        return endWatch(scope, message);
      case 'auth':
        return renew(scope, message);
      default:
        return unreachable(message);
    }
  }
}
