/** What can be known of a picture that comes in. */
export interface PeerStats {
  /** Decoded so far. */
  readonly frames: number;
  readonly framesPerSecond: number | undefined;
  /** `640×360`; undefined before the first frame. */
  readonly size: string | undefined;
  readonly kilobitsPerSecond: number | undefined;
  /** Round trip between the two browsers, ms. */
  readonly roundTripMs: number | undefined;
  /** `relayed`: by a TURN server, since the two cannot reach each other. */
  readonly path: 'direct' | 'relayed' | undefined;
}

interface Counted {
  readonly at: number;
  readonly bytes: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads a connection's statistics; each reading gives the rate since the one before. */
export class StatsReader {
  private before: Counted | undefined;

  constructor(private readonly connection: Pick<RTCPeerConnection, 'getStats'>) {}

  async read(): Promise<PeerStats> {
    const all = new Map<string, Fields>();
    (await this.connection.getStats()).forEach((report: Fields, id: string) => all.set(id, report));
    const reports = [...all.values()];
    const video = reports.find((one) => one['type'] === 'inbound-rtp' && one['kind'] === 'video') ?? {};
    const transport = reports.find((one) => one['type'] === 'transport') ?? {};
    const pair = all.get(String(transport['selectedCandidatePairId'])) ?? {};
    const local = all.get(String(pair['localCandidateId']));
    const remote = all.get(String(pair['remoteCandidateId']));
    const roundTrip = numberIn(pair, 'currentRoundTripTime');
    const [width, height] = [numberIn(video, 'frameWidth'), numberIn(video, 'frameHeight')];
    return {
      frames: numberIn(video, 'framesDecoded') ?? 0,
      framesPerSecond: numberIn(video, 'framesPerSecond'),
      size: width === undefined || height === undefined ? undefined : `${String(width)}×${String(height)}`,
      kilobitsPerSecond: this.rate(numberIn(video, 'bytesReceived'), numberIn(video, 'timestamp')),
      roundTripMs: roundTrip === undefined ? undefined : Math.round(roundTrip * 1_000),
      path: local === undefined ? undefined : isRelay(local) || isRelay(remote) ? 'relayed' : 'direct',
    };
  }

  private rate(bytes: number | undefined, at: number | undefined): number | undefined {
    if (bytes === undefined || at === undefined) return undefined;
    const { before } = this;
    this.before = { at, bytes };
    // Bits per millisecond are kilobits per second.
    return before === undefined || at <= before.at ? undefined : ((bytes - before.bytes) * 8) / (at - before.at);
  }
}

function isRelay(candidate: Fields | undefined): boolean {
  return candidate?.['candidateType'] === 'relay';
}

function numberIn(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
