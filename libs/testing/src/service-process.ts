import { existsSync } from 'node:fs';
import { startChild, type Child, type Exit } from './child.js';

const READY_DEADLINE_MS = 150_000;
/** More than a service's own deadline for shutting down. */
const STOP_GRACE_MS = 40_000;

export interface ServiceProcessOptions {
  /** Such as `messaging-2`: shown in failures. */
  readonly name: string;
  /** The built entry, `…/dist/main.js`. */
  readonly main: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A real process of one of our services. */
export interface ServiceProcess {
  readonly name: string;
  readonly child: Child;
  /** Where its probes and metrics are: `http://127.0.0.1:<port>`. */
  readonly probesUrl: string;
  /** Default SIGKILL; resolves when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<Exit>;
  /** Starts it again with the same settings (after SIGTERM, if it still runs); resolves when it says that it is ready. */
  restart(): Promise<void>;
  /** SIGTERM, and SIGKILL after 40 s. */
  stop(): Promise<Exit>;
}

/** Resolves when the process has said that it is ready; fails with its last lines when it ends or says nothing. */
export async function startService(options: ServiceProcessOptions): Promise<ServiceProcess> {
  if (!existsSync(options.main)) throw new Error(`${options.name}: ${options.main} is not built`);
  let { child, port } = await launch(options);
  return {
    name: options.name,
    get child() {
      return child;
    },
    get probesUrl() {
      return `http://127.0.0.1:${String(port)}`;
    },
    kill: (signal) => child.kill(signal),
    async restart() {
      await child.stop(STOP_GRACE_MS);
      ({ child, port } = await launch(options));
    },
    stop: () => child.stop(STOP_GRACE_MS),
  };
}

async function launch({ name, main, env }: ServiceProcessOptions): Promise<{ child: Child; port: number }> {
  const child = await startChild({
    name,
    command: process.execPath,
    args: ['--enable-source-maps', main],
    env: { ...inherited(), PARLEY_METRICS_PORT: '0', PARLEY_ANNOUNCE: '1', ...env },
  });
  try {
    return { child, port: await child.line('it said that it is ready', READY_DEADLINE_MS, portOfReadyLine) };
  } catch (error) {
    await child.kill();
    throw error;
  }
}

/** Settings of the surroundings must not leak into what a test starts. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PARLEY_')));
}

/** `{"ready":true,"port":9464}` */
function portOfReadyLine(line: string): number | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const said: unknown = JSON.parse(line);
    if (typeof said !== 'object' || said === null || !('ready' in said) || said.ready !== true) return undefined;
    return 'port' in said && typeof said.port === 'number' ? said.port : undefined;
  } catch {
    return undefined;
  }
}
