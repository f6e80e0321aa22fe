import { createContextKey, ROOT_CONTEXT, type Context } from '@opentelemetry/api';
import {
  ParentBasedSampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  type Sampler,
  type SamplingResult,
} from '@opentelemetry/sdk-trace-node';

const chosenKey = createContextKey('parley chosen for recording');

/** In which a span that starts a trace is recorded, whatever the ratio says of it. */
export const CHOSEN_CONTEXT = ROOT_CONTEXT.setValue(chosenKey, true);

let rootRatio = 0;

/** What `chooseRoot` goes by from now on. */
export function sampleRoots(ratio: number): void {
  rootRatio = ratio;
}

/**
 * Whether what comes in now, and belongs to no trace yet, is to be recorded: asked before anything is made, so that what
 * is not costs one number. The answer true belongs to a span with `root: 'chosen'`.
 */
export function chooseRoot(): boolean {
  return rootRatio > 0 && Math.random() < rootRatio;
}

/** Follows the decision of whoever started the trace; where that is us, a part of all. */
export function parentOrRatio(ratio: number): Sampler {
  return new ParentBasedSampler({ root: new ChosenOrRatio(ratio) });
}

class ChosenOrRatio implements Sampler {
  private readonly byRatio: TraceIdRatioBasedSampler;

  constructor(private readonly ratio: number) {
    this.byRatio = new TraceIdRatioBasedSampler(ratio);
  }

  shouldSample(context: Context, traceId: string): SamplingResult {
    if (context.getValue(chosenKey) === true) return { decision: SamplingDecision.RECORD_AND_SAMPLED };
    return this.byRatio.shouldSample(context, traceId);
  }

  toString(): string {
    return `ChosenOrRatio{${String(this.ratio)}}`;
  }
}
