import { Accounts } from './accounts.js';
import { Context } from './context.js';
import { ScenarioFailure, Skipped } from './failure.js';
import { Places } from './places.js';
import { Rest } from './rest.js';
import type { Need, Scenario, Suite } from './scenario.js';
import type { Settings } from './settings.js';

/** How long a scenario may take beyond its own waits, ms. */
const SCENARIO_MS = 30_000;
/** Enough to keep a server busy, few enough that no answer is late because of us. */
const AT_ONCE = 4;

export type Verdict =
  | { readonly kind: 'passed' }
  | { readonly kind: 'skipped'; readonly why: string }
  | { readonly kind: 'failed'; readonly message: string; readonly frame: string | undefined };

export interface Result {
  readonly scenario: Scenario;
  readonly verdict: Verdict;
  readonly ms: number;
}

const missing: Readonly<Record<Need, string>> = {
  rest: 'needs --rest',
  'api-key': 'needs --rest and --api-key',
  'second-gateway': 'needs --second-url',
  listeners: 'needs --listeners',
  echo: 'needs --echo',
  together: 'needs --profile together',
  loundsync: 'needs --profile loundsync',
};

/** One promise for each scenario, in their order; all of them resolve, whatever the server does. `lent`: shared with other runs. */
export function runSuite(
  suite: Suite,
  settings: Settings,
  only: readonly Scenario[] = suite.scenarios,
  lent?: Accounts,
): Promise<Result>[] {
  const rest = settings.rest === undefined ? undefined : new Rest(settings.rest, settings.apiKey);
  const accounts = lent ?? new Accounts(rest, settings.tokens ?? []);
  // Lent users are waited for by nobody, so with a fixed set of them only one scenario runs at a time.
  const places = new Places(rest === undefined ? 1 : AT_ONCE);
  const background = (message: unknown): boolean => suite.background(message);
  return only.map(async (scenario): Promise<Result> => {
    const why = reasonToSkip(scenario, settings, accounts);
    if (why !== undefined) return { scenario, verdict: { kind: 'skipped', why }, ms: 0 };
    const perform = () => judge(scenario, new Context({ settings, accounts, rest, background }));
    return scenario.waitsSeconds === undefined || rest === undefined ? places.with(perform) : perform();
  });
}

async function judge(scenario: Scenario, context: Context): Promise<Result> {
  const started = performance.now();
  const verdict = await Promise.race([attempt(scenario, context), tooLong(scenario, context.settings)]);
  await context.end();
  return { scenario, verdict, ms: performance.now() - started };
}

async function attempt(scenario: Scenario, context: Context): Promise<Verdict> {
  try {
    await scenario.run(context);
    return { kind: 'passed' };
  } catch (error) {
    if (error instanceof Skipped) return { kind: 'skipped', why: error.message };
    if (error instanceof ScenarioFailure) return { kind: 'failed', message: error.message, frame: error.frame };
    return {
      kind: 'failed',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      frame: undefined,
    };
  }
}

function tooLong({ waitsSeconds }: Scenario, { longestWaitSeconds }: Settings): Promise<Verdict> {
  const ms = SCENARIO_MS + (waitsSeconds === undefined ? 0 : longestWaitSeconds * 1_000);
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve({ kind: 'failed', message: `not done after ${ms} ms`, frame: undefined });
    }, ms);
    timer.unref();
  });
}

function reasonToSkip(scenario: Scenario, settings: Settings, accounts: Accounts): string | undefined {
  const lacking = (scenario.needs ?? []).find((need) => !has(settings, need));
  if (lacking !== undefined) return missing[lacking];
  const users = scenario.users ?? 1;
  if (accounts.most < users) return `needs ${users} users: --rest, or more --token`;
  const wait = scenario.waitsSeconds ?? 0;
  return wait > settings.longestWaitSeconds ? `waits for ${wait} s: --longest-wait ${wait}` : undefined;
}

function has(settings: Settings, need: Need): boolean {
  switch (need) {
    case 'rest':
      return settings.rest !== undefined;
    case 'api-key':
      return settings.rest !== undefined && settings.apiKey !== undefined;
    case 'second-gateway':
      return settings.secondUrl !== undefined;
    case 'listeners':
      return settings.listeners !== undefined;
    case 'echo':
      return settings.echo !== undefined;
    case 'together':
    case 'loundsync':
      return settings.profiles?.includes(need) === true;
  }
}
