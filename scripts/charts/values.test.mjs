// @ts-check
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callHelm, environment, one, render } from './helm.mjs';
import { USERS } from './nats-users.mjs';
import { stubKubernetes } from './stub-kubernetes.mjs';
import { chart, findHelm } from './tools.mjs';

/** @param {string} output */
const checksums = (output) => output.match(/checksum\/\w+: \w+/g);

const found = await findHelm();
const helm = found ?? 'helm';
/** What needs helm, which needs Go. */
const suite = describe.skipIf(found === undefined);

suite('Secrets', () => {
  const keys = ['api-keys', 'auth-key-secret', 'test-password'];

  test('are made once per rendering, long and plain', async () => {
    const { data } = one(await render(helm), 'Secret', 'parley');
    expect(Object.keys(data)).toEqual(keys);
    for (const value of Object.values(data)) {
      expect(Buffer.from(String(value), 'base64').toString()).toMatch(/^k[A-Za-z0-9]{39}$/);
    }
    expect(new Set(Object.values(data)).size).toBe(keys.length);
    const nats = one(await render(helm), 'Secret', 'parley-nats')['data'];
    expect(Object.keys(nats)).toEqual(['auth', 'gateway', 'messaging', 'presence', 'rooms', 'session', 'signaling']);
  });

  describe('that are there', () => {
    const kept = {
      parley: { 'api-keys': 'b25l', 'auth-key-secret': 'dHdv', 'test-password': 'dGhyZWU=' },
      'parley-postgres': { password: 'Zm91cg==' },
      'parley-nats': Object.fromEntries(USERS.map((name) => [name, Buffer.from(`nats-${name}`).toString('base64')])),
    };
    /** @type {Awaited<ReturnType<typeof stubKubernetes>>} */
    let kubernetes;
    beforeAll(async () => (kubernetes = await stubKubernetes(kept)));
    afterAll(() => kubernetes.close());

    test('are kept by an upgrade, and pods are not restarted for nothing', async () => {
      const upgrade = async () => {
        const args = [
          'template',
          'parley',
          chart,
          '-n',
          'test',
          '--is-upgrade',
          '--dry-run=server',
          '--kube-version',
          '1.36.0',
          '--disable-openapi-validation',
        ];
        const { code, output, errors } = await callHelm(helm, [...args, '--kubeconfig', kubernetes.kubeconfig]);
        expect(code, errors).toBe(0);
        return output;
      };
      const output = await upgrade();
      expect(checksums(await upgrade())).toEqual(checksums(output));
      for (const value of Object.values(kept).flatMap((each) => Object.values(each)))
        expect(output).toContain(` ${value}\n`);
      expect(kubernetes.asked).toContain('/api/v1/namespaces/test/secrets/parley');
    });
  });

  test('of one’s own are used, and none is made', async () => {
    const values = {
      secrets: { existingSecret: 'mine' },
      nats: { existingSecret: 'mine-nats' },
      postgres: { existingSecret: 'mine-pg' },
    };
    const manifests = await render(helm, { values });
    expect(manifests.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    const auth = environment(one(manifests, 'Deployment', 'parley-auth'));
    expect(auth['PARLEY_AUTH_KEY_SECRET']).toEqual({ secretKeyRef: { name: 'mine', key: 'auth-key-secret' } });
  });
});

suite('refuses', () => {
  test.each([
    ['a typo at the top', { gatway: {} }, /gatway/],
    ['a typo further down', { gateway: { drain: { windowSecond: 3 } } }, /windowSecond/],
    ['an option that no process has', { gateway: { options: { PARLEY_GATEWAY_CONECTIONS_MAX: 3 } } }, /CONECTIONS/],
    [
      'an option of another process',
      { services: { auth: { options: { PARLEY_ROOMS_CAPACITY: 3 } } } },
      /ROOMS_CAPACITY/,
    ],
    ['an option out of its range', { gateway: { options: { PARLEY_CANARY_MS: 1 } } }, /PARLEY_CANARY_MS/],
    ['a service that does not exist', { services: { chat: {} } }, /chat/],
    ['a wrong type', { gateway: { replicas: 'two' } }, /replicas/],
    ['two NATS servers', { nats: { replicas: 2 } }, /replicas/],
    ['a backend with a name of ours', { nats: { backends: { gateway: ['X-Note'] } } }, /'gateway'/],
    ['a backend that answers anything', { nats: { backends: { notes: ['>'] } } }, /backends/],
    ['too small a payload', { nats: { maxPayload: '1MB' } }, /maxPayload/],
    ['no NATS at all', { nats: { enabled: false } }, /externalNats\.url/],
    ['no Postgres at all', { postgres: { enabled: false } }, /externalPostgres\.existingSecret/],
    [
      'a login without its Secret',
      { nats: { enabled: false }, externalNats: { url: 'nats://x:1', login: 'token' } },
      /existingSecret/,
    ],
    ['a route to nowhere', { httpRoute: { enabled: true } }, /parentRefs/],
    ['an Ingress without a host', { ingress: { enabled: true } }, /hosts/],
    ['a range that is none', { gateway: { autoscaling: { minReplicas: 5, maxReplicas: 2 } } }, /maxReplicas/],
  ])('%s', async (_what, values, said) => {
    await expect(render(helm, { values })).rejects.toThrow(said);
  });
});
