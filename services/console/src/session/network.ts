import type { WebSocketConstructor } from '@parley/client';
import { WireLog } from '../wire/wire-log.js';
import { openWire, type Wire } from '../wire/wire-socket.js';
import { Store } from './store.js';

export interface NetworkState {
  /** Of the gateway in use. */
  readonly origin: string;
  /** False: cut by the person, until it is restored. */
  readonly online: boolean;
}

/** Every way out of the page goes through here, so it can be cut, led elsewhere and looked at. */
export class Network {
  readonly state: Store<NetworkState>;
  readonly log = new WireLog();
  readonly WebSocket: WebSocketConstructor;
  private readonly wires = new Set<Wire>();
  private readonly places = new Map<string, () => string>();
  /** A server has ended a connection, or refused a request, for a reason that may lie in the login. */
  onRefused: () => void = () => undefined;

  constructor(
    readonly gateways: readonly string[],
    own = gateways[0] ?? '',
  ) {
    this.state = new Store<NetworkState>({ origin: own, online: true });
    this.WebSocket = openWire({
      log: this.log,
      online: () => this.state.get().online,
      opened: (wire) => this.wires.add(wire),
      closed: (wire, code) => {
        this.wires.delete(wire);
        if (REFUSALS.has(code)) this.onRefused();
      },
    });
  }

  get origin(): string {
    return this.state.get().origin;
  }

  readonly urlOf = (path: string): (() => string) => {
    const place = this.places.get(path) ?? (() => `${this.origin}${path}`);
    this.places.set(path, place);
    return place;
  };

  readonly fetch = async (input: URL | RequestInfo, init?: RequestInit): Promise<Response> => {
    if (!this.state.get().online) throw new TypeError('the connection is cut');
    const response = await globalThis.fetch(input, init);
    if (response.status === 401 && !response.url.includes('/auth/')) this.onRefused();
    return response;
  };

  /** As a network that is gone: sockets end without a goodbye, nothing can be opened or asked. */
  cut(): void {
    this.state.set({ ...this.state.get(), online: false });
    this.log.note('cut', 'The connection was cut here. Nothing gets through until it is restored.');
    this.dropAll();
  }

  restore(): void {
    this.state.set({ ...this.state.get(), online: true });
    this.log.note('restored', 'The connection was restored.');
    hurry();
  }

  /** Every connection ends and begins again at the other gateway, where it resumes. */
  move(origin: string): void {
    if (origin === this.origin) return;
    this.state.set({ ...this.state.get(), origin });
    this.log.note('moved', `Moved to ${origin}.`);
    this.dropAll();
    hurry();
  }

  private dropAll(): void {
    for (const wire of [...this.wires]) wire.cut();
  }
}

/** Close codes that may mean that the login is not accepted any more. */
const REFUSALS: ReadonlySet<number> = new Set([1008, 4001]);

/** The clients of the SDK take it as the browser's own hint, and try again at once. */
function hurry(): void {
  globalThis.dispatchEvent(new Event('online'));
}
