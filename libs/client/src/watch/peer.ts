import { asParleyError, type ParleyError } from '../transport/parley-error.js';
import type { Description, PeerConnectionLike } from './peer-connection.js';
import type { Signal } from './watch-link.js';

export interface PeerEvents {
  say(signal: Signal, body: unknown): void;
  failed(error: ParleyError): void;
}

/** More candidates than a device has addresses; those beyond are not worth keeping. */
const MAX_EARLY = 200;

/**
 * Offers, answers and candidates of one peer connection, one after the other: what is begun before the step before it is
 * done, fails. Descriptions may be said twice, because nobody knows whether one arrived when a connection was lost.
 */
export class Peer {
  private turn: Promise<void> = Promise.resolve();
  private readonly early: (RTCIceCandidateInit | null)[] = [];
  /** Its offer begins ICE anew, which an answer to an earlier one does not. */
  private restarting = false;
  private over = false;

  constructor(
    private readonly connection: PeerConnectionLike,
    private readonly events: PeerEvents,
  ) {
    connection.addEventListener('icecandidate', ({ candidate }) => {
      // An empty one ends the candidates of a generation; the null that follows ends all.
      if (!this.over && candidate?.candidate !== '') events.say('ice', candidate);
    });
  }

  /** After everything that was begun before. */
  run(step: () => Promise<void>): void {
    const begun = this.turn.then(() => (this.over ? undefined : step()));
    this.turn = begun.catch((error: unknown) => {
      if (!this.over) this.events.failed(asParleyError(error, 'internal', 'the peer connection refused a step'));
    });
  }

  /** An offer; the same again while it has no answer, with ICE begun anew after one. */
  offer(): void {
    this.run(async () => {
      const { connection } = this;
      if (connection.signalingState !== 'have-local-offer') {
        this.restarting = connection.remoteDescription !== null;
        await connection.setLocalDescription(await connection.createOffer({ iceRestart: this.restarting }));
      }
      this.describe('offer');
    });
  }

  /** The answer once more, with all candidates that are known by now, if it is one that the other side may have missed. */
  answerAgain(): void {
    this.run(async () => {
      if (this.connection.localDescription?.type === 'answer') this.describe('answer');
    });
  }

  takeOffer(offer: Description): void {
    this.run(async () => {
      const { connection } = this;
      await connection.setRemoteDescription(offer);
      await this.addEarly();
      await connection.setLocalDescription(await connection.createAnswer());
      this.describe('answer');
    });
  }

  takeAnswer(answer: Description): void {
    this.run(async () => {
      const { connection } = this;
      if (connection.signalingState !== 'have-local-offer') return;
      if (this.restarting && isSameIce(answer, connection.remoteDescription)) return;
      await connection.setRemoteDescription(answer);
      await this.addEarly();
    });
  }

  /** Null: the other side has no more. */
  takeCandidate(candidate: RTCIceCandidateInit | null): void {
    this.run(async () => {
      if (this.connection.remoteDescription !== null) await this.add(candidate);
      else if (this.early.length < MAX_EARLY) this.early.push(candidate);
    });
  }

  close(): void {
    this.over = true;
    this.connection.close();
  }

  private async addEarly(): Promise<void> {
    for (const candidate of this.early.splice(0)) await this.add(candidate);
  }

  private async add(candidate: RTCIceCandidateInit | null): Promise<void> {
    const ufrag = candidate?.usernameFragment;
    const known = ufragsOf(this.connection.remoteDescription);
    // Of before ICE was begun anew.
    if (typeof ufrag === 'string' && known.length > 0 && !known.includes(ufrag)) return;
    await this.connection.addIceCandidate(candidate);
  }

  private describe(kind: 'offer' | 'answer'): void {
    const { localDescription } = this.connection;
    if (this.over || localDescription === null) return;
    this.events.say(kind, { type: localDescription.type, sdp: localDescription.sdp });
  }
}

function isSameIce(one: Description, other: Description | null): boolean {
  const [ufrag] = ufragsOf(one);
  return ufrag !== undefined && ufragsOf(other).includes(ufrag);
}

function ufragsOf(description: Description | null): readonly string[] {
  return [...(description?.sdp ?? '').matchAll(/^a=ice-ufrag:(\S+)/gm)].map(([, ufrag = '']) => ufrag);
}
