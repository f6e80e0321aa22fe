import { compile } from '@parley/contracts';
import { within } from '@parley/testing';
import { Type } from '@sinclair/typebox';
import { WebSocket } from 'ws';
import { textOf } from '../topics-client.js';

const targetsCheck = compile(Type.Array(Type.Object({ webSocketDebuggerUrl: Type.String() }), { minItems: 1 }));
const answerCheck = compile(Type.Object({ id: Type.Integer(), result: Type.Record(Type.String(), Type.Unknown()) }));
const sumCheck = compile(Type.Object({ result: Type.Object({ value: Type.Number() }) }));

/** A process that was started with `--inspect=127.0.0.1:<port>`. */
export class Inspector {
  private nextId = 0;

  private constructor(private readonly ws: WebSocket) {}

  static async attach(port: number): Promise<Inspector> {
    const targets: unknown = await (await fetch(`http://127.0.0.1:${String(port)}/json/list`)).json();
    if (!targetsCheck.is(targets)) throw new Error('nothing to inspect');
    const ws = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? '');
    await within(5_000, 'the inspector', new Promise((resolve) => ws.once('open', resolve)));
    return new Inspector(ws);
  }

  /** Bytes that are still held after garbage was collected: JavaScript's heap, and buffers beside it. */
  async heldBytes(): Promise<number> {
    // Twice: finalizers of the first make garbage for the second.
    await this.send('HeapProfiler.collectGarbage', {});
    await this.send('HeapProfiler.collectGarbage', {});
    const expression = 'process.memoryUsage().heapUsed + process.memoryUsage().external';
    const sum = await this.send('Runtime.evaluate', { expression, returnByValue: true });
    if (!sumCheck.is(sum)) throw new Error('no memory usage');
    return sum.result.value;
  }

  close(): void {
    this.ws.close();
  }

  private send(method: string, params: object): Promise<unknown> {
    const id = ++this.nextId;
    const answer = new Promise<unknown>((resolve) => {
      const hear = (data: Buffer | ArrayBuffer | Buffer[]): void => {
        const message: unknown = JSON.parse(textOf(data));
        if (!answerCheck.is(message) || message.id !== id) return;
        this.ws.off('message', hear);
        resolve(message.result);
      };
      this.ws.on('message', hear);
    });
    this.ws.send(JSON.stringify({ id, method, params }));
    return within(20_000, method, answer);
  }
}
