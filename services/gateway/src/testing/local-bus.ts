import type { Bus, Published, ReceivedEvent, Stoppable } from '@parley/bus';
import {
  auth,
  fail,
  joinEnvelope,
  messaging,
  newMessageId,
  ok,
  parseSubject,
  presence,
  type Outcome,
} from '@parley/contracts';
import { SubjectTrie } from '../outbound/subject-trie.js';

type Handler = (event: ReceivedEvent) => void;
type Answer = (request: unknown) => unknown;

const idle: Stoppable = { stop: () => Promise.resolve() };

/**
 * A bus without NATS: every call is answered at once, events are handed in by whoever holds it. For measuring what the
 * gateway itself costs.
 */
export class LocalBus implements Bus {
  private readonly subscribers = new SubjectTrie<Set<Handler>>();
  private readonly answers: ReadonlyMap<string, Answer>;
  private readonly newest = new Map<string, number>();
  private sequence = 0;
  /** Messages that were published through `messaging.publish-topic`. */
  publications = 0;

  constructor(keys: readonly unknown[]) {
    const published = { sequence: 1, messageId: newMessageId(), sentAt: Date.now(), duplicate: false };
    const allowed = { answers: [{ allowed: true, history: { messages: 0, seconds: 0 } }] };
    const answers: [{ readonly service: string; readonly verb: string }, Answer][] = [
      [auth.keys, () => ({ keys })],
      [auth.checkLogins, () => ({ invalid: [] })],
      [presence.report, () => ({ refused: [], limit: 1_000 })],
      [messaging.authorizeTopics, () => allowed],
      [messaging.takeDirect, () => ({ messages: [] })],
      [
        messaging.publishTopic,
        () => {
          this.publications += 1;
          return published;
        },
      ],
    ];
    this.answers = new Map(answers.map(([definition, answer]) => [`${definition.service}.${definition.verb}`, answer]));
  }

  /** Hands a stored event to its subscribers, numbered as the stream would. */
  deliver(subject: string, data: Uint8Array, traceparent?: string): void {
    const parsed = parseSubject(subject);
    if (parsed === undefined) return;
    const previous = this.newest.get(subject) ?? 0;
    this.sequence += 1;
    this.newest.set(subject, this.sequence);
    const event: ReceivedEvent = {
      ...parsed,
      subject,
      data,
      sequence: this.sequence,
      previous,
      storedAt: Date.now(),
      receiptsTo: undefined,
      traceparent,
    };
    for (const handlers of this.subscribers.match(subject)) for (const handler of handlers) handler(event);
  }

  call: Bus['call'] = (definition, request) => {
    const answer = this.answers.get(`${definition.service}.${definition.verb}`)?.(request);
    if (definition.replyCheck.is(answer)) return Promise.resolve(ok(answer));
    return Promise.resolve(fail('unavailable', `nobody answers ${definition.service}.${definition.verb} here`));
  };

  subscribe(subject: string, handler: Handler) {
    const [known] = this.subscribers.match(subject);
    const handlers = known ?? new Set<Handler>();
    if (known === undefined) this.subscribers.set(subject, handlers);
    handlers.add(handler);
    return { subject, unsubscribe: () => void handlers.delete(handler) };
  }

  publish: Bus['publish'] = (definition, id, payload, { body }) => {
    this.deliver(definition.subject(id), joinEnvelope(payload, body));
    return this.publishEncoded();
  };
  publishEncoded = (): Promise<Outcome<Published, never>> =>
    Promise.resolve(ok({ sequence: this.sequence, duplicate: false }));
  serve = (): Stoppable => idle;
  serveShard = (): Stoppable => idle;
  serveAt = (): Stoppable => idle;
  emit = (): void => undefined;
  flush = (): Promise<Outcome<void, never>> => Promise.resolve(ok(undefined));
  position = (): Promise<Outcome<number, never>> => Promise.resolve(ok(this.sequence));
  epoch = (): string => '';
  read: Bus['read'] = () => Promise.resolve(ok({ events: [], more: false, firstSequence: 1 }));
  receipts: Bus['receipts'] = () => ({
    subject: 'nowhere',
    settled: () => Promise.resolve({ count: 0, connectionIds: [], incomplete: false }),
    cancel: () => undefined,
  });
  answerReceipts = (): Stoppable => idle;
  sendReceipt = (): void => undefined;
  holdLease = (): Promise<Outcome<Stoppable, never>> => Promise.resolve(ok(idle));
  watchLeases = this.holdLease;
  gateways: Bus['gateways'] = () => [];
  callExtension: Bus['callExtension'] = () => Promise.resolve(fail('not_found', 'no extensions here'));
  serveExtension = (): Stoppable => idle;
  remember = (): void => undefined;
  recall = (): Promise<unknown> => Promise.resolve(undefined);
  maxBytes: Bus['maxBytes'] = () => Number.POSITIVE_INFINITY;
  status: Bus['status'] = () => 'connected';
  onStatus = (): Stoppable => idle;
  onFault = (): Stoppable => idle;
  faults: Bus['faults'] = () => [];
  close = (): Promise<void> => Promise.resolve();
}
