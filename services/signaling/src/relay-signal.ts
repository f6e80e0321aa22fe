import { fail, ok, type ChannelId, type Outcome, type TransportErrorCode, type UserId } from '@parley/contracts';
import type { SameChannel } from './same-channel.js';
import { signals } from './signaling.metrics.js';

export interface Signal {
  readonly fromUserId: UserId;
  readonly toUserId: UserId;
  readonly channelId: ChannelId;
  readonly body: Uint8Array;
}

/** Resolves when the event is stored. */
export type SendSignal = (signal: Signal) => Promise<Outcome<unknown, TransportErrorCode>>;

type Refusal = 'forbidden' | 'too_large' | TransportErrorCode;

/** From one user to another in the same voice channel, byte for byte. The caller keeps those of a pair in order. */
export class RelaySignal {
  readonly #sameChannel: SameChannel;
  readonly #send: SendSignal;
  readonly #maxBytes: number;

  constructor(sameChannel: SameChannel, send: SendSignal, maxBytes: number) {
    this.#sameChannel = sameChannel;
    this.#send = send;
    this.#maxBytes = maxBytes;
  }

  async run(userId: UserId, toUserId: UserId, body: Uint8Array | undefined): Promise<Outcome<object, Refusal>> {
    const outcome = await this.#relay(userId, toUserId, body);
    signals.add(1, { outcome: outcome.ok ? 'relayed' : outcome.error.code });
    return outcome.ok ? ok({}) : outcome;
  }

  async #relay(userId: UserId, toUserId: UserId, body: Uint8Array | undefined): Promise<Outcome<unknown, Refusal>> {
    if (body === undefined) return fail('invalid', 'A signal is needed.', { field: 'signal' });
    if (body.length > this.#maxBytes) {
      return fail('too_large', `A signal may have ${String(this.#maxBytes)} bytes.`, { field: 'signal' });
    }
    const channel = await this.#sameChannel.of({ userId, toUserId });
    if (!channel.ok) return channel;
    if (channel.value === undefined) return fail('forbidden', 'You are not in the same voice channel.');
    return this.#send({ fromUserId: userId, toUserId, channelId: channel.value, body });
  }
}
