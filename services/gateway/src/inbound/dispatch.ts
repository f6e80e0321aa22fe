import type { Bus } from '@parley/bus';
import { fail, ok, unreachable, type ConnectionId, type Outcome } from '@parley/contracts';
import type {
  AuthenticateCommand,
  BackgroundCommand,
  CallCommand,
  Caller,
  Command,
  Commands,
  EmitCommand,
  FlushedCommand,
  JoinCommand,
  Login,
  LogInCommand,
} from '@parley/dialects';
import type { Verdict } from '../login/presence-reporter.js';
import type { Subscriptions } from '../outbound/subscriptions.js';
import type { Connection } from '../socket/connection.js';

export interface DispatchDeps {
  readonly bus: Bus;
  readonly subscriptions: Subscriptions;
  verify(token: string): Outcome<Login, 'unauthenticated'> | Promise<Outcome<Login, 'unauthenticated'>>;
  /** Makes the connection its user's: counted, findable, present; in the place of another, if it says so. */
  admit(connection: Connection, login: Login, replaces: ConnectionId | undefined): Promise<Verdict>;
  /** The same user goes on with another token, perhaps of another login. */
  renewed(connection: Connection, login: Login): void;
  /** At the command's pace. */
  emit(connection: Connection, command: EmitCommand): void;
  failed(connection: Connection, error: unknown): void;
}

type Waiting = Promise<void> | undefined;

const MAX_BACKGROUND = 1_000;
const FLUSH_MS = 20_000;

/**
 * Carries out what a session asks for, in order. Whatever needs no waiting is done before it returns; the result is a
 * promise only when something had to be waited for, and then the connection's inbox waits too.
 */
export class Dispatch {
  /** What sessions may ask of the cluster. */
  readonly caller: Caller;

  constructor(private readonly deps: DispatchDeps) {
    const { bus } = deps;
    this.caller = {
      call: (definition, request, options) => bus.call(definition, request, options),
      callExtension: (request) => bus.callExtension(request),
      receipts: (subject) => bus.receipts(subject),
      remember: (key, value) => {
        bus.remember(key, value);
      },
      recall: (key) => bus.recall(key),
    };
  }

  execute(connection: Connection, commands: Commands): Waiting {
    return this.from(connection, commands, 0);
  }

  private from(connection: Connection, commands: Commands, start: number): Waiting {
    for (let index = start; index < commands.length; index++) {
      const command = commands[index];
      if (command === undefined || !connection.open) return undefined;
      const waiting = this.carryOut(connection, command);
      if (waiting !== undefined) return waiting.then(() => this.from(connection, commands, index + 1));
    }
    return undefined;
  }

  private carryOut(connection: Connection, command: Command): Waiting {
    switch (command.kind) {
      case 'send':
        connection.send(command);
        return undefined;
      case 'close':
        connection.close(command.code, command.reason);
        return undefined;
      case 'strike':
        connection.strike();
        return undefined;
      case 'timer':
        connection.setSessionTimer(command.name, command.at);
        return undefined;
      case 'renew':
        this.deps.renewed(connection, command.login);
        return undefined;
      case 'leave':
        this.deps.subscriptions.leave(connection.id, command.subjects);
        return undefined;
      case 'skip':
        this.deps.subscriptions.skip(connection.id, command.subject, command.upTo);
        return undefined;
      case 'emit':
        this.deps.emit(connection, command);
        return undefined;
      case 'prefer-alternative':
        connection.preferAlternative();
        return undefined;
      case 'authenticate':
        return this.authenticate(connection, command);
      case 'log-in':
        return this.logIn(connection, command);
      case 'call':
        return this.call(connection, command);
      case 'background':
        return this.background(connection, command);
      case 'join':
        return this.join(connection, command);
      case 'flushed':
        return this.flushed(connection, command);
      default:
        return unreachable(command);
    }
  }

  private authenticate(connection: Connection, command: AuthenticateCommand): Waiting {
    const verified = this.deps.verify(command.token);
    if (!(verified instanceof Promise)) return this.execute(connection, command.then(verified));
    return verified.then((login) => this.execute(connection, command.then(login)));
  }

  private async logIn(connection: Connection, command: LogInCommand): Promise<void> {
    const verdict = await this.deps.admit(connection, command.login, command.replaces);
    const outcome =
      verdict === 'accepted' ? ok(undefined) : fail('limit_exceeded', 'too many connections of this user');
    if (connection.open) await this.execute(connection, command.then(outcome));
  }

  private async call(connection: Connection, command: CallCommand): Promise<void> {
    const commands = await command.perform(this.caller);
    if (connection.open) await this.execute(connection, commands);
  }

  private background(connection: Connection, command: BackgroundCommand): Waiting {
    const running = this.call(connection, { kind: 'call', perform: (caller) => command.perform(caller) });
    if (connection.background >= MAX_BACKGROUND) return running;
    connection.background += 1;
    running
      .catch((error: unknown) => {
        this.deps.failed(connection, error);
        connection.end('internal');
      })
      .finally(() => {
        connection.background -= 1;
      });
    return undefined;
  }

  private async flushed(connection: Connection, command: FlushedCommand): Promise<void> {
    const flushed = await connection.outbox.flushed(FLUSH_MS);
    if (connection.open) await this.execute(connection, command.then(flushed));
  }

  private async join(connection: Connection, command: JoinCommand): Promise<void> {
    const joined = await this.deps.subscriptions.join(connection, command.requests);
    if (!connection.open) {
      this.deps.subscriptions.leaveAll(connection.id);
      return;
    }
    await this.execute(connection, command.then(joined.ok ? ok(joined.value.results) : joined));
    if (joined.ok) joined.value.release();
  }
}
