import { Periodic } from '@parley/service';
import type { Logger } from '@parley/telemetry';
import type { AnnouncedVersions } from './announced-versions.js';
import type { Attendance } from './attendance.js';
import type { LogUpkeep } from './log-upkeep.js';
import type { MemoryUpkeep } from './memory-upkeep.js';
import type { RollCall } from './roll-call.js';
import type { Snapshots } from './snapshots.js';

export interface UpkeepParts {
  readonly attendance: Attendance;
  readonly announced: AnnouncedVersions;
  readonly rollCall: RollCall;
  readonly memory: MemoryUpkeep;
  readonly log: LogUpkeep;
  readonly snapshots: Snapshots;
  readonly logger: Pick<Logger, 'warn'>;
  /** Of the roll call. */
  readonly sweepMs: number;
}

const ATTENDANCE_MS = 250;
const ANNOUNCED_MS = 1_000;
const MEMORY_MS = 5_000;
const LOG_MS = 10_000;

/** What a replica does without being asked. */
export class Upkeep {
  readonly #parts: UpkeepParts;
  readonly #tasks: readonly Periodic[];

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
    const { attendance, announced, rollCall, memory, log, sweepMs } = parts;
    const every = (ms: number, what: string, task: () => Promise<void>): Periodic =>
      new Periodic(ms, task, (error) => {
        parts.logger.warn({ err: error }, `${what} failed, and is tried again`);
      });
    this.#tasks = [
      every(ATTENDANCE_MS, 'ending the grace of participants', () => attendance.sweep()),
      every(ANNOUNCED_MS, 'writing down what is announced', () => announced.save()),
      every(sweepMs, 'the roll call', () => rollCall.run()),
      every(MEMORY_MS, 'giving back memory', () => memory.run()),
      every(LOG_MS, 'shortening logs', () => log.run()),
    ];
  }

  start(): void {
    for (const task of this.#tasks) task.soon();
  }

  async stop(): Promise<void> {
    this.#parts.log.stop();
    await Promise.all(this.#tasks.map((task) => task.stop()));
    await this.#parts.snapshots.stop();
    await this.#parts.attendance.clear();
  }
}
