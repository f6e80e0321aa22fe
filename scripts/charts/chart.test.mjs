// @ts-check
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { optionRows } from './option-rows.mjs';
import { generatedFiles } from './generate.mjs';
import { callHelm, environment, one, render } from './helm.mjs';
import { stubKubernetes } from './stub-kubernetes.mjs';
import { chart, findHelm, hasGo, kubernetesSchemas, root } from './tools.mjs';
import { Schemas } from './validate-manifest.mjs';

const SERVICES = ['auth', 'presence', 'messaging', 'rooms', 'signaling', 'session'];

test('what is generated is what the code says', async () => {
  for (const [name, text] of Object.entries(await generatedFiles(root))) {
    expect(readFileSync(join(chart, name), 'utf8'), `${name}: run node scripts/charts/generate.mjs`).toBe(text);
  }
});

/** @param {string} output */
const checksums = (output) => output.match(/checksum\/\w+: \w+/g);

const found = await findHelm();
const helm = found ?? 'helm';

describe.skipIf(found === undefined)('the chart (needs helm, which needs Go)', () => {
  const cases = readdirSync(join(chart, 'ci')).sort();

  test.each(cases)('passes the strict lint with %s', async (name) => {
    const given = ['--values', join(chart, 'ci', name), '--kube-version', '1.36.0'];
    const { code, output } = await callHelm(helm, ['lint', '--strict', chart, ...given]);
    expect(code, output).toBe(0);
  });

  describe('against the types of Kubernetes', () => {
    /** @type {Schemas} */
    let schemas;
    beforeAll(async () => {
      if (await hasGo()) schemas = new Schemas(await kubernetesSchemas());
    }, 900_000);

    test.each(cases)('every object is valid with %s', async (name) => {
      expect(schemas, 'Go is needed to get the types').toBeDefined();
      const manifests = await render(helm, { file: join(chart, 'ci', name) });
      expect(manifests.length).toBeGreaterThan(10);
      const problems = manifests.flatMap((each) =>
        schemas.problems(each).map((problem) => `${each['kind']} ${each['metadata'].name}: ${problem}`),
      );
      expect(problems).toEqual([]);
    });

    test('the judge sees a wrong type, an unknown field and an unknown kind', () => {
      const wrong = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: { ports: [{ port: 'x', prot: 1 }] } };
      expect(schemas.problems(wrong)).toEqual([
        '.spec.ports[0].port: "x" is no integer',
        '.spec.ports[0].prot is no field that Kubernetes knows',
      ]);
      expect(schemas.problems({ apiVersion: 'v2', kind: 'Service' })).toEqual(['v2 Service is no type that Kubernetes knows']);
    });
  });

  test('no two objects have one name, and every one is of this release', async () => {
    for (const name of cases) {
      const manifests = await render(helm, { file: join(chart, 'ci', name) });
      const names = manifests.map((each) => `${each['kind']}/${each['metadata'].name}`);
      expect(new Set(names).size).toBe(names.length);
      for (const { metadata } of manifests) {
        expect(metadata.labels['app.kubernetes.io/instance']).toBe('parley');
      }
    }
  });

  describe('how a gateway ends', () => {
    test.each([
      [{}, 10, 30, 10],
      [{ preStopSeconds: 25, windowSeconds: 300, shutdownSeconds: 60 }, 25, 300, 60],
      [{ windowSeconds: 0 }, 10, 0, 10],
    ])('with %o', async (drain, preStop, window, shutdown) => {
      const manifests = await render(helm, { values: { gateway: { drain } } });
      const deployment = one(manifests, 'Deployment', 'parley-gateway');
      const { spec } = deployment['spec'].template;
      expect(spec.containers[0].lifecycle.preStop).toEqual({ sleep: { seconds: preStop } });
      expect(environment(deployment)).toMatchObject({
        PARLEY_DRAIN_SECONDS: String(window),
        PARLEY_SHUTDOWN_SECONDS: String(shutdown),
      });
      // The kubelet's clock begins before preStop; whoever is still there at its end is killed.
      expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(preStop + window + shutdown);
      expect(deployment['spec'].progressDeadlineSeconds).toBeGreaterThan(spec.terminationGracePeriodSeconds);
    });

    test('a Kubernetes that cannot sleep by itself runs node to wait as long', async () => {
      const manifests = await render(helm, { kubeVersion: '1.29.0' });
      const [container] = one(manifests, 'Deployment', 'parley-gateway')['spec'].template.spec.containers;
      expect(container.lifecycle.preStop.exec.command).toEqual(['node', '-e', 'setTimeout(() => 0, 10000)']);
    });
  });

  test('liveness asks the process only; readiness and start ask for all of it', async () => {
    const manifests = await render(helm);
    for (const name of ['gateway', ...SERVICES]) {
      const [container] = one(manifests, 'Deployment', `parley-${name}`)['spec'].template.spec.containers;
      expect(container.livenessProbe.httpGet).toEqual({ path: '/livez', port: 'metrics' });
      expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'metrics' });
      expect(container.startupProbe.httpGet).toEqual({ path: '/readyz', port: 'metrics' });
      expect(container.ports).toContainEqual({ name: 'metrics', containerPort: 9464 });
    }
  });

  test('gateways roll without a gap, are spread, and scale down slowly', async () => {
    const manifests = await render(helm, { upgrade: true });
    const { spec } = one(manifests, 'Deployment', 'parley-gateway');
    expect(spec.strategy.rollingUpdate).toEqual({ maxSurge: '25%', maxUnavailable: 0 });
    expect(spec.replicas, 'the autoscaler decides').toBeUndefined();
    expect(spec.template.spec.topologySpreadConstraints).toHaveLength(2);
    const scaler = one(manifests, 'HorizontalPodAutoscaler', 'parley-gateway')['spec'];
    expect(scaler.metrics.map((/** @type {any} */ { type }) => type)).toEqual(['Pods', 'Resource']);
    expect(scaler.metrics[0].pods.metric.name).toBe('parley_connections_active');
    expect(scaler.behavior.scaleDown.stabilizationWindowSeconds).toBe(600);
    expect(scaler.behavior.scaleDown.policies).toEqual([{ type: 'Pods', value: 1, periodSeconds: 180 }]);
    expect(one(manifests, 'PodDisruptionBudget', 'parley-gateway')['spec'].maxUnavailable).toBe(1);
    const ports = one(manifests, 'Service', 'parley-gateway')['spec'].ports;
    expect(ports.map((/** @type {any} */ { port }) => port)).toEqual([8080, 8081, 8000]);
    expect(one(await render(helm), 'Deployment', 'parley-gateway')['spec'].replicas).toBeUndefined();
    const fixed = await render(helm, { values: { gateway: { replicas: 3, autoscaling: { enabled: false } } } });
    expect(one(fixed, 'Deployment', 'parley-gateway')['spec'].replicas).toBe(3);
  });

  test('every pod is confined', async () => {
    for (const name of cases) {
      for (const manifest of await render(helm, { file: join(chart, 'ci', name) })) {
        const pod = manifest['kind'] === 'Pod' ? manifest['spec'] : manifest['spec']?.template?.spec;
        if (pod?.containers === undefined) continue;
        expect(pod.automountServiceAccountToken).toBe(false);
        expect(pod.enableServiceLinks).toBe(false);
        expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
        for (const container of pod.containers) {
          expect(container.securityContext).toEqual({
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          });
          expect(container.resources.requests).toHaveProperty('memory');
          expect(container.resources.limits).toHaveProperty('memory');
        }
      }
    }
  });

  test('only services reach Postgres, and only gateways are reached by clients', async () => {
    const manifests = await render(helm);
    const database = one(manifests, 'NetworkPolicy', 'parley-postgres')['spec'].ingress;
    expect(database).toHaveLength(1);
    const wanted = database[0].from[0].podSelector.matchLabels;
    const reaching = manifests.filter((each) => {
      const labels = each['spec']?.template?.metadata?.labels ?? each['metadata'].labels;
      return Object.entries(wanted).every(([name, value]) => labels[name] === value);
    });
    expect(reaching.map((each) => each['metadata'].name).sort()).toEqual(
      [...SERVICES.map((name) => `parley-${name}`), 'parley-migrate'].sort(),
    );
    for (const name of ['gateway', ...SERVICES]) {
      const { spec } = one(manifests, 'NetworkPolicy', `parley-${name}`);
      const ports = spec.ingress.flatMap((/** @type {any} */ rule) => rule.ports.map((/** @type {any} */ each) => each.port));
      expect(ports).toEqual(name === 'gateway' ? [8080, 8081, 8000, 9464] : [9464]);
      const out = spec.egress.flatMap((/** @type {any} */ rule) => rule.ports.map((/** @type {any} */ each) => each.port));
      expect(out.includes(5432)).toBe(name !== 'gateway');
    }
  });

  test('gateways never hear of Postgres; options reach their process, whole numbers as such', async () => {
    const values = {
      gateway: { options: { PARLEY_GATEWAY_CONNECTIONS_MAX: 1000000 } },
      services: { messaging: { options: { PARLEY_TOPIC_RULES: [{ pattern: 'news.>' }] } } },
    };
    const manifests = await render(helm, { values });
    const gateway = environment(one(manifests, 'Deployment', 'parley-gateway'));
    expect(Object.keys(gateway).filter((name) => /DATABASE|POSTGRES/.test(name))).toEqual([]);
    expect(gateway['PARLEY_GATEWAY_CONNECTIONS_MAX']).toBe('1000000');
    const messaging = environment(one(manifests, 'Deployment', 'parley-messaging'));
    expect(messaging['PARLEY_TOPIC_RULES']).toBe('[{"pattern":"news.>"}]');
    expect(messaging['PARLEY_NATS_USER']).toBe('messaging');
  });

  test('external NATS and Postgres leave none of ours', async () => {
    const manifests = await render(helm, { file: join(chart, 'ci', 'external.yaml') });
    expect(manifests.filter(({ kind }) => kind === 'StatefulSet' || kind === 'Secret')).toEqual([]);
    const auth = environment(one(manifests, 'Deployment', 'parley-auth'));
    expect(auth['PARLEY_NATS_URL']).toBe('tls://nats-0.example.org:4222,tls://nats-1.example.org:4222');
    expect(auth['PARLEY_NATS_PASSWORD']).toEqual({ secretKeyRef: { name: 'parley-nats-users', key: 'auth' } });
    expect(auth['PARLEY_DATABASE_URL']).toEqual({ secretKeyRef: { name: 'parley-database', key: 'url' } });
    expect(auth['PARLEY_NATS_REPLICAS']).toBe('3');
    expect(one(manifests, 'Job', 'parley-migrate')['metadata'].annotations['helm.sh/hook']).toBe('pre-upgrade,pre-install');
  });

  test('three NATS servers know each other, and streams have three copies', async () => {
    const manifests = await render(helm, { file: join(chart, 'ci', 'ha.yaml') });
    const config = one(manifests, 'ConfigMap', 'parley-nats')['data']['nats.conf'];
    for (const i of [0, 1, 2]) expect(config).toContain(`"nats://parley-nats-${i}.parley-nats-pods:6222"`);
    expect(environment(one(manifests, 'Deployment', 'parley-rooms'))['PARLEY_NATS_REPLICAS']).toBe('3');
    expect(one(manifests, 'PodDisruptionBudget', 'parley-nats')['spec'].maxUnavailable).toBe(1);
  });

  test('Ingress and routes let a WebSocket be silent for longer than its heartbeat', async () => {
    const ingress = one(await render(helm, { file: join(chart, 'ci', 'ha.yaml') }), 'Ingress', 'parley-gateway');
    expect(Number(ingress['metadata'].annotations['nginx.ingress.kubernetes.io/proxy-read-timeout'])).toBeGreaterThan(90);
    const routes = await render(helm, { file: join(chart, 'ci', 'gateway-api.yaml') });
    for (const [role, port] of Object.entries({ http: 8080, topics: 8081, watch: 8000 })) {
      const [rule] = one(routes, 'HTTPRoute', `parley-gateway-${role}`)['spec'].rules;
      expect(rule.timeouts).toEqual({ request: '0s' });
      expect(rule.backendRefs).toEqual([{ name: 'parley-gateway', port }]);
    }
    const values = { ingress: { timeoutSeconds: 60 } };
    await expect(render(helm, { values })).rejects.toThrow(/timeoutSeconds/);
  });

  describe('Secrets', () => {
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
        'parley-nats': Object.fromEntries(
          ['gateway', ...SERVICES].map((name) => [name, Buffer.from(`nats-${name}`).toString('base64')]),
        ),
      };
      /** @type {Awaited<ReturnType<typeof stubKubernetes>>} */
      let kubernetes;
      beforeAll(async () => (kubernetes = await stubKubernetes(kept)));
      afterAll(() => kubernetes.close());

      test('are kept by an upgrade, and pods are not restarted for nothing', async () => {
        const upgrade = async () => {
          const args = ['template', 'parley', chart, '-n', 'test', '--is-upgrade', '--dry-run=server', '--kube-version', '1.36.0', '--disable-openapi-validation'];
          const { code, output, errors } = await callHelm(helm, [...args, '--kubeconfig', kubernetes.kubeconfig]);
          expect(code, errors).toBe(0);
          return output;
        };
        const output = await upgrade();
        expect(checksums(await upgrade())).toEqual(checksums(output));
        for (const value of Object.values(kept).flatMap((each) => Object.values(each))) expect(output).toContain(` ${value}\n`);
        expect(kubernetes.asked).toContain('/api/v1/namespaces/test/secrets/parley');
      });
    });

    test('of one’s own are used, and none is made', async () => {
      const values = { secrets: { existingSecret: 'mine' }, nats: { existingSecret: 'mine-nats' }, postgres: { existingSecret: 'mine-pg' } };
      const manifests = await render(helm, { values });
      expect(manifests.filter(({ kind }) => kind === 'Secret')).toEqual([]);
      const auth = environment(one(manifests, 'Deployment', 'parley-auth'));
      expect(auth['PARLEY_AUTH_KEY_SECRET']).toEqual({ secretKeyRef: { name: 'mine', key: 'auth-key-secret' } });
    });
  });

  describe('refuses', () => {
    test.each([
      ['a typo at the top', { gatway: {} }, /gatway/],
      ['a typo further down', { gateway: { drain: { windowSecond: 3 } } }, /windowSecond/],
      ['an option that no process has', { gateway: { options: { PARLEY_GATEWAY_CONECTIONS_MAX: 3 } } }, /CONECTIONS/],
      ['an option of another process', { services: { auth: { options: { PARLEY_ROOMS_CAPACITY: 3 } } } }, /ROOMS_CAPACITY/],
      ['an option out of its range', { gateway: { options: { PARLEY_CANARY_MS: 1 } } }, /PARLEY_CANARY_MS/],
      ['a service that does not exist', { services: { chat: {} } }, /chat/],
      ['a wrong type', { gateway: { replicas: 'two' } }, /replicas/],
      ['two NATS servers', { nats: { replicas: 2 } }, /replicas/],
      ['too small a payload', { nats: { maxPayload: '1MB' } }, /maxPayload/],
      ['no NATS at all', { nats: { enabled: false } }, /externalNats\.url/],
      ['no Postgres at all', { postgres: { enabled: false } }, /externalPostgres\.existingSecret/],
      ['a login without its Secret', { nats: { enabled: false }, externalNats: { url: 'nats://x:1', login: 'token' } }, /existingSecret/],
      ['a route to nowhere', { httpRoute: { enabled: true } }, /parentRefs/],
      ['an Ingress without a host', { ingress: { enabled: true } }, /hosts/],
      ['a range that is none', { gateway: { autoscaling: { minReplicas: 5, maxReplicas: 2 } } }, /maxReplicas/],
    ])('%s', async (_what, values, said) => {
      await expect(render(helm, { values })).rejects.toThrow(said);
    });
  });

  test('every option of every process can be set, and nothing else', () => {
    const schema = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8'));
    expect(optionRows(root, 'gateway').length).toBeGreaterThan(20);
    for (const name of SERVICES) {
      const { options } = schema.properties.services.properties[name].properties;
      expect(Object.keys(options.properties)).toEqual(optionRows(root, name).map(({ env }) => env));
      expect(options.additionalProperties).toBe(false);
    }
  });

  test('dashboards and alerts are what the files say', async () => {
    const values = { monitoring: { prometheusRule: { enabled: true, runbookUrl: 'https://docs.example.org/ops' } } };
    const manifests = await render(helm, { values });
    const shown = manifests.filter(({ metadata }) => metadata.labels['grafana_dashboard'] === '1');
    expect(shown).toHaveLength(6);
    for (const { data } of shown) {
      const [name = ''] = Object.keys(data);
      const text = data[name];
      expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(join(chart, 'dashboards', name.replace('parley-', '')), 'utf8')));
    }
    const rules = parse(readFileSync(join(chart, 'files', 'alerts.yaml'), 'utf8').replaceAll('docs/operations.md', 'https://docs.example.org/ops'));
    expect(one(manifests, 'PrometheusRule', 'parley')['spec']).toEqual(rules);
  });
});
