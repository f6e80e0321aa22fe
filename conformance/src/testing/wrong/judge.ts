import type { Accounts } from '../../accounts.js';
import { runSuite, type Result } from '../../runner.js';
import type { Scenario, Suite } from '../../scenario.js';
import type { Settings } from '../../settings.js';
import type { Fault } from './fault.js';
import { startProxy } from './proxy.js';

/** What the kit says of a scenario against a server that is spoiled so. */
export async function judge(
  suite: Suite,
  scenario: Scenario,
  given: { readonly settings: Settings; readonly accounts: Accounts; readonly fault: Fault },
): Promise<Result | undefined> {
  const { settings, accounts, fault } = given;
  const origins = [
    ...new Set(
      [settings.url, settings.secondUrl, ...(settings.listeners ?? [])].flatMap((url) =>
        url === undefined ? [] : [new URL(url).origin],
      ),
    ),
  ];
  const proxies = new Map(
    await Promise.all(origins.map(async (origin) => [origin, await startProxy(origin, fault)] as const)),
  );
  const through = (url: string): string => {
    const { origin, pathname } = new URL(url);
    return `${proxies.get(origin)?.origin ?? origin}${pathname === '/' ? '' : pathname}`;
  };
  const spoiled: Settings = {
    ...settings,
    url: through(settings.url),
    ...(settings.secondUrl === undefined ? {} : { secondUrl: through(settings.secondUrl) }),
    ...(settings.listeners === undefined ? {} : { listeners: settings.listeners.map(through) }),
  };
  try {
    const [result] = await Promise.all(runSuite(suite, spoiled, [scenario], accounts));
    return result;
  } finally {
    for (const proxy of proxies.values()) proxy.stop();
  }
}
