import { Inject, type Type } from '@nestjs/common';
import { WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { Connections } from './connections.js';
import { UpgradeRouter, type Entrance } from './upgrade-router.js';

/** The gateway class of one entrance. It only hands over: synchronously, so that no frame and no rejection is lost. */
export function gatewayFor({ key, dialect, endpoint }: Entrance): Type<OnGatewayConnection> {
  @WebSocketGateway({ path: key })
  class DialectGateway implements OnGatewayConnection<WebSocket> {
    constructor(
      @Inject(Connections) private readonly connections: Connections,
      @Inject(UpgradeRouter) private readonly router: UpgradeRouter,
    ) {}

    handleConnection(ws: WebSocket, request: IncomingMessage): void {
      const admitted = this.router.take(request);
      if (admitted === undefined) ws.terminate();
      else this.connections.accept({ dialect, endpoint, ws, request, ...admitted });
    }
  }
  Object.defineProperty(DialectGateway, 'name', { value: `${key}Gateway` });
  return DialectGateway;
}
