import type { INestApplicationContext } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import type { Compression } from '@parley/dialects';
import { WebSocketServer, type PerMessageDeflateOptions, type ServerOptions } from 'ws';
import { selectProtocol } from './credentials.js';
import type { UpgradeRouter } from './upgrade-router.js';

export interface WebSocketLimits {
  readonly maxFrameBytes: number;
}

const CLOSE_TIMEOUT_MS = 5_000;

/**
 * Nest's WebSocket adapter with its road taken out: it makes one server per entrance and hands over open sockets. Parsing,
 * order, errors and closing are the connection's own business; the stock adapter would parse every frame for no one, run a
 * client's handlers side by side, echo payloads in its errors and end every socket with 1006.
 */
export class DialectWsAdapter extends WsAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly router: UpgradeRouter,
    private readonly limits: WebSocketLimits,
  ) {
    super(app);
  }

  override create(_port: number, options: { path?: string } = {}): WebSocketServer {
    const serverOptions: ServerOptions & { closeTimeout: number } = {
      noServer: true,
      clientTracking: false,
      maxPayload: this.limits.maxFrameBytes,
      perMessageDeflate: deflateOptions(this.router.compressionOf(options.path ?? '')),
      // The library would end a socket without a word at the 60th pong that waits; ours go through the outbox.
      autoPong: false,
      closeTimeout: CLOSE_TIMEOUT_MS,
      handleProtocols: selectProtocol,
    };
    const server = new WebSocketServer(serverOptions);
    this.router.register(options.path ?? '', server);
    return server;
  }

  override bindMessageHandlers(): void {
    // Each connection listens to its own socket.
  }

  override bindClientDisconnect(): void {
    // Each connection knows when its socket closes.
  }

  override close(server: WebSocketServer): Promise<void> {
    return new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
    });
  }
}

/**
 * What the library agrees to with a client, and how it opens what comes in; what goes out we compress ourselves, once for all
 * receivers, which is why neither side may keep a context and our window is not the client's to choose.
 */
export function deflateOptions(compression: Compression | undefined): PerMessageDeflateOptions | false {
  if (compression === undefined) return false;
  const { threshold, level, memLevel, concurrency } = compression;
  return {
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
    serverMaxWindowBits: 15,
    threshold,
    concurrencyLimit: concurrency,
    zlibDeflateOptions: { level, memLevel },
  };
}
