import type { Logger } from '@parley/telemetry';

export interface Stage {
  readonly name: string;
  /** `leftMs`: when it will be cut off. */
  run(leftMs: number): Promise<unknown>;
}

/** Kept back for each stage that is still to come, so that one that hangs does not rob the others of their chance. */
const RESERVE_MS = 500;

/**
 * Runs the stages one after the other, together no longer than `deadlineMs`. One that fails or takes too long is logged
 * and left behind. Resolves to false when there was such a one.
 */
export async function runStages(
  stages: readonly Stage[],
  deadlineMs: number,
  logger: Pick<Logger, 'error' | 'debug'>,
): Promise<boolean> {
  const endsAt = performance.now() + deadlineMs;
  const reserve = Math.min(RESERVE_MS, deadlineMs / (2 * Math.max(1, stages.length)));
  let clean = true;
  for (const [index, stage] of stages.entries()) {
    const leftMs = Math.max(0, endsAt - performance.now() - reserve * (stages.length - 1 - index));
    const startedAt = performance.now();
    const result = await runStage(stage, leftMs);
    const ms = Math.round(performance.now() - startedAt);
    if (result === 'done') {
      logger.debug({ stage: stage.name, ms }, 'shutdown stage done');
    } else {
      clean = false;
      const { late, error } = result;
      logger.error(
        { stage: stage.name, ms, err: error },
        late ? 'shutdown stage was cut off' : 'shutdown stage failed',
      );
    }
  }
  return clean;
}

type StageResult = 'done' | { readonly late: boolean; readonly error?: unknown };

async function runStage(stage: Stage, leftMs: number): Promise<StageResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<StageResult>((resolve) => {
    timer = setTimeout(resolve, leftMs, { late: true });
  });
  // Promise.resolve().then: what throws at once fails like what rejects.
  const work = Promise.resolve()
    .then(() => stage.run(leftMs))
    .then(
      (): StageResult => 'done',
      (error: unknown): StageResult => ({ late: false, error }),
    );
  const result = await Promise.race([work, late]);
  clearTimeout(timer);
  return result;
}
