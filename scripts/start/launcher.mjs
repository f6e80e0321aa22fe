// @ts-check
import { join } from 'node:path';
import { checkPorts, gatewayPorts, processSpecs } from './cluster.mjs';
import { abandonCommands } from './commands.mjs';
import { startGuard } from './guard-pipe.mjs';
import { checkNats, natsSpec, withoutLogin } from './nats.mjs';
import { findOrInstallNats } from './nats-binary.mjs';
import { checkDatabase, keptSecret, postgresSpec, preparePostgres } from './postgres.mjs';
import { RunFile } from './run-file.mjs';
import { StartError, complain, inOneLine, keepIn, say, step } from './say.mjs';
import { Supervisor } from './supervisor.mjs';
import { welcome } from './welcome.mjs';

/** @typedef {import('./child.mjs').Spec} Spec */
/** @typedef {import('./flags.mjs').Flags} Flags */

const SERVICES = ['auth', 'presence', 'messaging', 'signaling', 'rooms', 'session'];

/** The folders that must be compiled before anything can start. */
export const PROJECTS = [...SERVICES, 'gateway'].map((name) => `services/${name}`);

/** How long each kind may take to stop, in the order in which they stop; together less than 10 s. */
const GRACE_MS = { gateways: 3_500, services: 3_500, servers: 2_000 };

/** Everything that runs, from the first process to the last. */
export class Launcher {
  /** @type {Record<'gateways' | 'services' | 'servers', Supervisor[]>} */
  #running = { gateways: [], services: [], servers: [] };
  #guard = startGuard();
  #runFile;
  #claimed = false;
  #stopping = false;
  /** @type {(line: string) => void} */
  #giveUp = () => undefined;
  /** Resolves with what went wrong once a process cannot be kept running. @type {Promise<string>} */
  broken = new Promise((resolve) => (this.#giveUp = resolve));

  /** @param {string} root @param {Flags} flags */
  constructor(root, flags) {
    this.root = root;
    this.flags = flags;
    this.#runFile = new RunFile(flags.home);
  }

  async start() {
    const { home, portOffset } = this.flags;
    const gateways = gatewayPorts(this.flags.gateways, portOffset);
    await this.#runFile.claim();
    this.#claimed = true;
    keepIn(join(home, 'logs', 'start.log'));
    await checkPorts(gateways);

    const [natsUrl, databaseUrl] = [await this.#nats(), await this.#database()];
    const apiKey = keptSecret(join(home, 'api-key'));
    const specs = await processSpecs({
      root: this.root,
      home,
      natsUrl,
      databaseUrl,
      apiKey,
      portOffset,
      gateways,
      services: SERVICES,
    });
    await step('Starting the services', () => this.#startAll('services', specs.services));
    await step(gateways.length === 1 ? 'Starting the gateway' : 'Starting the gateways', async () => {
      await this.#startAll('gateways', specs.gateways);
      for (const ports of gateways) await untilServing(`http://127.0.0.1:${ports.http}/readyz`);
    });
    this.#goOn();
    const lines = welcome({ gateways, metrics: specs.metrics, apiKey, home, natsUrl: withoutLogin(natsUrl) });
    for (const line of lines) say(line);
  }

  /** Gateways first, since they tell their clients; what they need goes last. */
  async stop() {
    this.#stopping = true;
    abandonCommands();
    for (const kind of /** @type {const} */ (['gateways', 'services', 'servers'])) {
      await Promise.all(this.#running[kind].map((supervisor) => supervisor.stop(GRACE_MS[kind])));
    }
    await this.#leave();
  }

  /** No more waiting. */
  async force() {
    this.#stopping = true;
    abandonCommands();
    for (const supervisor of Object.values(this.#running).flat()) supervisor.force();
    await this.#leave();
  }

  async #leave() {
    if (this.#claimed) this.#runFile.release();
    await this.#guard.close();
  }

  async #nats() {
    const given = process.env['PARLEY_NATS_URL'];
    if (given) {
      await step('Looking for NATS', () => checkNats(given));
      return given;
    }
    const bin = await findOrInstallNats(this.flags.home);
    return step('Starting NATS', () => this.#startServer(() => natsSpec({ bin, ...this.flags })));
  }

  async #database() {
    const given = process.env['PARLEY_DATABASE_URL'];
    if (given) {
      await step('Looking for Postgres', () => checkDatabase(this.root, given));
      return given;
    }
    const where = { root: this.root, ...this.flags };
    const place = await preparePostgres(where);
    return step('Starting Postgres', () => this.#startServer(() => postgresSpec(where, place)));
  }

  /**
   * A free port may be taken before the server opens it; then another one will do.
   * @param {() => Promise<{spec: Spec, url: string}>} choose
   */
  async #startServer(choose) {
    for (let attempt = 1; ; attempt++) {
      const { spec, url } = await choose();
      try {
        await this.#startAll('servers', [spec]);
        return url;
      } catch (error) {
        if (attempt === 3 || !/in use/.test(inOneLine(error))) throw error;
      }
    }
  }

  /** @param {'gateways' | 'services' | 'servers'} kind @param {readonly Spec[]} specs */
  async #startAll(kind, specs) {
    this.#goOn();
    const supervisors = specs.map((spec) => new Supervisor(spec, this.#watch(spec)));
    this.#running[kind].push(...supervisors);
    await Promise.all(supervisors.map((supervisor) => supervisor.start()));
  }

  /** Ends a start that was told to stop meanwhile. */
  #goOn() {
    if (this.#stopping) throw new StartError('stopped before everything had started');
  }

  /** @param {Spec} spec @returns {import('./supervisor.mjs').Watch} */
  #watch(spec) {
    const signal = spec.stopSignal ?? 'SIGTERM';
    // What tells its command line from any other on the machine.
    const mark = spec.args.find((arg) => arg.startsWith('/')) ?? spec.command;
    return {
      started: ({ pid }) => {
        if (pid === undefined) return;
        this.#guard.add(pid, signal);
        this.#runFile.add({ pid, name: spec.name, mark, signal });
      },
      ended: ({ pid }) => {
        if (pid === undefined) return;
        this.#guard.remove(pid);
        this.#runFile.remove(pid);
      },
      gaveUp: (line) => {
        complain(line);
        this.#giveUp(line);
      },
    };
  }
}

/** The gateway answers 200 once a message can travel the whole way. @param {string} url */
async function untilServing(url) {
  const deadline = Date.now() + 20_000;
  let last = '';
  while (Date.now() < deadline) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      if (response.ok) return;
      last = `${response.status} ${(await response.text()).slice(0, 200)}`;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new StartError(`the gateway runs but ${url} does not answer 200 (${last})`);
}
