import { waitFor } from '@parley/testing';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { buffers, decodeFields, hex, integer, messages, text, type Fields } from './protobuf.js';

export type Attribute = string | number | boolean | readonly Attribute[];

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty at the root. */
  readonly parentId: string;
  /** Ids of spans that it links to. */
  readonly links: readonly string[];
  readonly name: string;
  readonly kind: string;
  readonly service: string;
  /** Tells replicas apart. */
  readonly instance: string;
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** Takes spans by OTLP over HTTP, as a real collector would. */
export class TraceCollector {
  readonly spans: CollectedSpan[] = [];
  /** What is not as the protocol has it. */
  readonly faults: unknown[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<TraceCollector> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port for the collector');
    const collector = new TraceCollector(server, `http://127.0.0.1:${String(address.port)}`);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.url !== '/v1/traces') collector.faults.push(request.url);
        else collector.take(Buffer.concat(chunks));
        response.setHeader('Content-Type', 'application/x-protobuf').end();
      });
    });
    return collector;
  }

  /** What a process has to be told to send everything here at once. */
  get env(): Readonly<Record<string, string>> {
    return {
      OTEL_EXPORTER_OTLP_ENDPOINT: this.url,
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    };
  }

  ofTrace(traceId: string): CollectedSpan[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  /** A span, past or to come. */
  find(what: string, match: (span: CollectedSpan) => boolean): Promise<CollectedSpan> {
    return waitFor(() => this.spans.find(match), what, 15_000);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private take(body: Buffer): void {
    try {
      for (const resourceSpans of messages(decodeFields(body), 1)) {
        const resource = new Map(messages(resourceSpans, 1).flatMap((one) => [...attributesOf(one, 1)]));
        for (const scope of messages(resourceSpans, 2)) {
          for (const span of messages(scope, 2)) this.spans.push(spanOf(span, resource));
        }
      }
    } catch (error) {
      this.faults.push(error);
    }
  }
}

function spanOf(span: Fields, resource: ReadonlyMap<string, Attribute>): CollectedSpan {
  return {
    traceId: hex(span, 1),
    spanId: hex(span, 2),
    parentId: hex(span, 4),
    links: messages(span, 13).map((link) => hex(link, 2)),
    name: text(span, 5),
    kind: kinds[integer(span, 6)] ?? 'unknown',
    service: String(resource.get('service.name')),
    instance: String(resource.get('service.instance.id')),
    attributes: attributesOf(span, 9),
  };
}

function attributesOf(fields: Fields, number: number): ReadonlyMap<string, Attribute> {
  return new Map(messages(fields, number).map((pair) => [text(pair, 1), valueOf(messages(pair, 2)[0])]));
}

/** Fields of AnyValue: 1 text, 2 boolean, 3 integer, 4 double, 5 array. */
function valueOf(value: Fields | undefined): Attribute {
  if (value === undefined) return '';
  if (value.has(2)) return integer(value, 2) === 1;
  if (value.has(3)) return integer(value, 3);
  const [double] = buffers(value, 4);
  if (double !== undefined) return double.readDoubleLE(0);
  const [array] = messages(value, 5);
  return array === undefined ? text(value, 1) : messages(array, 1).map(valueOf);
}
