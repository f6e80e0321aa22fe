import { isRecord } from '../../../session/json.js';

/** What is heard of a peer, as the browser counts it. */
export interface PeerStats {
  readonly packets: number;
  /** 0 to 1. */
  readonly level: number;
  /** ms; undefined before it is known. */
  readonly roundTrip: number | undefined;
}

export const NO_STATS: PeerStats = { packets: 0, level: 0, roundTrip: undefined };

export async function statsOf(connection: Pick<RTCPeerConnection, 'getStats'>): Promise<PeerStats> {
  let stats = NO_STATS;
  const report = await connection.getStats();
  report.forEach((entry: unknown) => {
    if (!isRecord(entry)) return;
    if (entry['type'] === 'inbound-rtp' && entry['kind'] === 'audio') {
      stats = {
        ...stats,
        packets: stats.packets + numberAt(entry, 'packetsReceived'),
        level: Math.max(stats.level, numberAt(entry, 'audioLevel')),
      };
    }
    const roundTrip = entry['currentRoundTripTime'];
    if (entry['type'] === 'candidate-pair' && entry['nominated'] === true && typeof roundTrip === 'number') {
      stats = { ...stats, roundTrip: Math.round(roundTrip * 1_000) };
    }
  });
  return stats;
}

function numberAt(entry: Readonly<Record<string, unknown>>, name: string): number {
  const value = entry[name];
  return typeof value === 'number' ? value : 0;
}
