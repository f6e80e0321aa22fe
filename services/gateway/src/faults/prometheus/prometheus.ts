import { compile } from '@parley/contracts';
import { freePort, makeFolder, removeFolder, startChild, waitFor, type Child } from '@parley/testing';
import { Type } from '@sinclair/typebox';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

const answerCheck = compile(Type.Object({ status: Type.Literal('success'), data: Type.Unknown() }));
const vectorCheck = compile(
  Type.Object({
    resultType: Type.Literal('vector'),
    result: Type.Array(
      Type.Object({
        metric: Type.Record(Type.String(), Type.String()),
        value: Type.Tuple([Type.Number(), Type.String()]),
      }),
    ),
  }),
);
const rulesCheck = compile(
  Type.Object({
    groups: Type.Array(
      Type.Object({
        rules: Type.Array(
          Type.Object({
            name: Type.String(),
            query: Type.String(),
            health: Type.String(),
            lastError: Type.Optional(Type.String()),
          }),
        ),
      }),
    ),
  }),
);
const alertsCheck = compile(
  Type.Object({
    alerts: Type.Array(
      Type.Object({
        state: Type.String(),
        labels: Type.Record(Type.String(), Type.String()),
        annotations: Type.Record(Type.String(), Type.String()),
      }),
    ),
  }),
);
const namesCheck = compile(Type.Array(Type.String()));

export interface Point {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Alert {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Rule {
  readonly name: string;
  readonly query: string;
  readonly health: string;
  readonly lastError?: string;
}

const FOLDERS = ['/usr/bin', '/usr/local/bin'];

/** The program, from PATH or where Debian puts it; undefined where it is not installed. */
export function prometheusBinary(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...FOLDERS].filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, 'prometheus')).find((path) => existsSync(path));
}

/** A real Prometheus that asks every process each second. */
export class Prometheus {
  private constructor(
    private readonly child: Child,
    private readonly folder: string,
    private readonly url: string,
  ) {}

  /** `targets`: `host:port` each. `rules`: the text of a rule file. */
  static async start(targets: readonly string[], rules: string): Promise<Prometheus> {
    const command = prometheusBinary();
    if (command === undefined) throw new Error('no prometheus: apt-get install prometheus');
    const folder = await makeFolder('prometheus');
    const config = join(folder, 'prometheus.yml');
    await writeFile(join(folder, 'rules.yaml'), rules);
    // YAML that is JSON, which needs no writer of its own.
    await writeFile(
      config,
      JSON.stringify({
        global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
        rule_files: [join(folder, 'rules.yaml')],
        scrape_configs: [{ job_name: 'parley', static_configs: [{ targets }] }],
      }),
    );
    const address = `127.0.0.1:${String(await freePort())}`;
    const child = await startChild({
      name: 'prometheus',
      command,
      args: [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=${address}`,
        '--log.level=warn',
      ],
    });
    const prometheus = new Prometheus(child, folder, `http://${address}`);
    const isReady = async (): Promise<boolean> => {
      if (!child.running) throw new Error(child.tail());
      return (await fetch(`${prometheus.url}/-/ready`)).ok;
    };
    await waitFor(isReady, 'prometheus to be ready', 30_000);
    return prometheus;
  }

  /** What the query says now; throws with Prometheus's own words when it is wrong. */
  async query(expression: string): Promise<Point[]> {
    const data = await this.ask(`/api/v1/query?query=${encodeURIComponent(expression)}`);
    if (!vectorCheck.is(data)) throw new Error(`${expression} is no vector: ${JSON.stringify(data)}`);
    return data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
  }

  async rules(): Promise<Rule[]> {
    const data = await this.ask('/api/v1/rules');
    if (!rulesCheck.is(data)) throw new Error(`no rules: ${JSON.stringify(data)}`);
    return data.groups.flatMap(({ rules }) => rules);
  }

  async firing(): Promise<Alert[]> {
    const data = await this.ask('/api/v1/alerts');
    if (!alertsCheck.is(data)) throw new Error(`no alerts: ${JSON.stringify(data)}`);
    return data.alerts
      .filter(({ state }) => state === 'firing')
      .map(({ labels, annotations }) => ({ name: labels['alertname'] ?? '', labels, annotations }));
  }

  /** Names of everything that was ever scraped. */
  async metricNames(): Promise<ReadonlySet<string>> {
    const data = await this.ask('/api/v1/label/__name__/values');
    if (!namesCheck.is(data)) throw new Error(`no names: ${JSON.stringify(data)}`);
    return new Set(data);
  }

  async stop(): Promise<void> {
    await this.child.stop();
    await removeFolder(this.folder);
  }

  private async ask(path: string): Promise<unknown> {
    const response = await fetch(this.url + path, { signal: AbortSignal.timeout(10_000) });
    const text = await response.text();
    const answer: unknown = JSON.parse(text);
    if (!answerCheck.is(answer)) throw new Error(`${path}: ${text}`);
    return answer.data;
  }
}
