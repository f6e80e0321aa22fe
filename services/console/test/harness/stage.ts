import { road, startCluster, type Cluster, type Road } from '@parley/testing';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser } from 'playwright-core';
import type { Account } from './account.js';
import { Person, type PersonOptions } from './person.js';
import { post } from './rest.js';

const CHROMIUM = process.env['PARLEY_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--allow-loopback-in-peer-connection',
];
const BUILT = fileURLToPath(new URL('../../dist/index.html', import.meta.url));

/** A cluster with two gateways, a browser, and people who use the console. */
export class Stage {
  private readonly people: Person[] = [];
  private count = 0;

  private constructor(
    readonly cluster: Cluster,
    readonly browser: Browser,
    /** To each gateway's page; they can be cut and led elsewhere. */
    readonly roads: readonly Road[],
  ) {}

  static async start(env: Readonly<Record<string, string>> = {}): Promise<Stage> {
    for (const [file, hint] of [
      [CHROMIUM, 'apt-get install chromium, or name one in PARLEY_TEST_CHROMIUM'],
      [BUILT, 'npm run build'],
    ] as const) {
      if (!existsSync(file)) throw new Error(`${file} is not there: ${hint}`);
    }
    // Before the gateways, which are told where all of them are.
    const roads = await Promise.all([road(1), road(1)]);
    const origins = roads.map(({ port }) => `http://127.0.0.1:${String(port)}`);
    const consoleEnv = { PARLEY_CONSOLE_GATEWAYS: JSON.stringify(origins), ...env };
    const [cluster, browser] = await Promise.all([
      startCluster({ gateways: 2, env: { PARLEY_LOG_LEVEL: 'warn' }, envOf: { gateway: consoleEnv } }),
      chromium.launch({ executablePath: CHROMIUM, args: FLAGS }),
    ]);
    for (const [index, one] of roads.entries()) one.leadTo(cluster.gateway(index + 1).ports[0]);
    return new Stage(cluster, browser, roads);
  }

  /** Of the gateway's page, such as `http://127.0.0.1:4711`. */
  origin(gateway: number): string {
    const { port } = this.roads[gateway - 1] ?? {};
    if (port === undefined) throw new Error(`there is no gateway ${String(gateway)}`);
    return `http://127.0.0.1:${String(port)}`;
  }

  get apiKey(): string {
    return this.cluster.apiKey;
  }

  async account(name = 'person'): Promise<Account> {
    this.count += 1;
    const username = `${name}_${process.pid.toString(36)}_${String(this.count)}`;
    const grant = await post(`${this.origin(1)}/auth/register`, { username, password: 'correct horse battery' });
    const { access_token: token, user } = grant;
    if (typeof token !== 'string' || typeof user !== 'object' || user === null || !('id' in user)) {
      throw new Error('no account');
    }
    return { id: String(user.id), username, token, grant };
  }

  /** Somebody with a fresh account, signed in, on the page of a gateway. */
  async person(options: PersonOptions = {}): Promise<Person> {
    const account = await this.account(options.name);
    return this.enter(options, account);
  }

  /** Somebody who is not signed in yet. */
  async visitor(options: PersonOptions = {}): Promise<Person> {
    return this.enter(options, undefined);
  }

  private async enter(options: PersonOptions, account: Account | undefined): Promise<Person> {
    const origins = this.roads.map((_, index) => this.origin(index + 1));
    const person = await Person.enter(this.browser, this.origin(options.gateway ?? 1), origins, options, account);
    this.people.push(person);
    return person;
  }

  /** Between two tests: everybody goes, the cluster stays. */
  async clear(): Promise<void> {
    for (const person of this.people.splice(0)) await person.leave();
    for (const one of this.roads) one.mend();
  }

  async stop(): Promise<void> {
    await this.clear();
    await this.browser.close();
    await this.cluster.stop();
    await Promise.all(this.roads.map((one) => one.close()));
  }
}

export const startStage = (env?: Readonly<Record<string, string>>): Promise<Stage> => Stage.start(env);
