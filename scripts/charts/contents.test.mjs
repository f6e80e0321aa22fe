// @ts-check
// What the chart hands to other programs, given to those programs.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { one, render } from './helm.mjs';
import { USERS } from './nats-users.mjs';
import { chart, findHelm, root } from './tools.mjs';

const helm = await findHelm();

describe.skipIf(helm === undefined)('the configuration of NATS (needs helm, which needs Go)', () => {
  test.each(['default.yaml', 'ha.yaml'])('is understood by every nats-server at hand, with %s', async (name) => {
    const { natsBinaries } = await import('@parley/testing');
    const manifests = await render(helm ?? '', { file: join(chart, 'ci', name) });
    const file = join(mkdtempSync(join(tmpdir(), 'parley-nats-conf-')), 'nats.conf');
    writeFileSync(file, one(manifests, 'ConfigMap', 'parley-nats')['data']['nats.conf']);
    const passwords = Object.fromEntries(
      [...USERS, 'notes'].map((user) => [`NATS_PASSWORD_${user.toUpperCase()}`, `k1e5${user}`]),
    );
    for (const { path, version } of await natsBinaries()) {
      const { status, stderr } = spawnSync(path, ['-t', '-c', file], { env: passwords, encoding: 'utf8' });
      expect(status, `${version}: ${stderr}`).toBe(0);
    }
  });
});

describe('the migration of one service', () => {
  /** As the Job's container runs it. @param {string} schema @param {string} url */
  const migrate = (schema, url) =>
    spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', readFileSync(join(chart, 'files', 'migrate.mjs'), 'utf8')],
      {
        cwd: join(root, 'services', schema),
        env: { PATH: process.env['PATH'], PARLEY_SCHEMA: schema, PARLEY_DATABASE_URL: url },
        encoding: 'utf8',
      },
    );

  test('is applied once, and fails where there is no Postgres', async () => {
    const { freshDatabase } = await import('@parley/testing');
    const database = await freshDatabase();
    const first = migrate('session', database.url);
    expect(first.stderr).toBe('');
    expect(first.stdout).toMatch(/session: applied housekeeping\/0001_housekeeping\.sql, service\/0001_/);
    expect(migrate('session', database.url).stdout).toContain('session: up to date');
    const nowhere = migrate('session', 'postgres://parley@127.0.0.1:1/parley');
    expect(nowhere.status).toBe(1);
    expect(nowhere.stderr).toMatch(/session: .*ECONNREFUSED/);
    await database.drop();
  });
});
