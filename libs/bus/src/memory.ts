import { createHash } from 'node:crypto';
import { Empty } from '@nats-io/transport-node';
import type { Link } from './link.js';
import type { Requests } from './requests.js';
import { ANSWERS } from './streams.js';
import { encodeJson, parse } from './wire.js';

const RECALL_MS = 500;
const MAX_BYTES = 256 * 1_024;

/** Small values that every process can look up for two minutes. */
export class Memory {
  constructor(
    private readonly link: Link,
    private readonly requests: Requests,
  ) {}

  /** Not awaited and not acknowledged. */
  remember(key: string, value: unknown): void {
    const data = encodeJson(value ?? null);
    // A miss is no error, and what is as large as this costs less to make again than to keep.
    if (data.length <= MAX_BYTES) this.link.publish(subjectOf(key), data);
  }

  /** Undefined when it is not there, or when nobody could tell in time. */
  async recall(key: string): Promise<unknown> {
    const asked = `$JS.API.DIRECT.GET.KV_${ANSWERS}.${subjectOf(key)}`;
    const answer = await this.requests.request(asked, Empty, RECALL_MS);
    if (typeof answer === 'string' || answer.data.length === 0) return undefined;
    try {
      return parse(answer.data);
    } catch {
      return undefined;
    }
  }
}

/** Keys are anybody's text, subjects are not. */
function subjectOf(key: string): string {
  return `$KV.${ANSWERS}.${createHash('sha256').update(key).digest('base64url')}`;
}
