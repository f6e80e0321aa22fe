// @ts-check
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { beforeAll, describe, expect, test } from 'vitest';
import { optionRows } from './option-rows.mjs';
import { generatedFiles } from './generate.mjs';
import { callHelm, environment, one, render } from './helm.mjs';
import { complain, inOneLine } from '../start/say.mjs';
import { chart, findHelm, kubernetesSchemas, root } from './tools.mjs';
import { Schemas } from './validate-manifest.mjs';

const SERVICES = ['auth', 'presence', 'messaging', 'rooms', 'signaling', 'session'];

test('what is generated is what the code says', async () => {
  for (const [name, text] of Object.entries(await generatedFiles(root))) {
    expect(readFileSync(join(chart, name), 'utf8'), `${name}: run node scripts/charts/generate.mjs`).toBe(text);
  }
});

const found = await findHelm();
const helm = found ?? 'helm';

const cases = readdirSync(join(chart, 'ci')).sort();
/** What needs helm, which needs Go. */
const suite = describe.skipIf(found === undefined);
const rendered = test.skipIf(found === undefined);

rendered.each(cases)('passes the strict lint with %s', async (name) => {
  const given = ['--values', join(chart, 'ci', name), '--kube-version', '1.36.0'];
  const { code, output } = await callHelm(helm, ['lint', '--strict', chart, ...given]);
  expect(code, output).toBe(0);
});

suite('against the types of Kubernetes', () => {
  /** @type {Schemas | undefined} */
  let schemas;
  beforeAll(async () => {
    try {
      schemas = new Schemas(await kubernetesSchemas());
    } catch (error) {
      complain(`the types of Kubernetes cannot be had here: ${inOneLine(error)}`);
    }
  }, 900_000);

  /** @param {any} manifest */
  const problemsOf = (manifest) => schemas?.problems(manifest) ?? [];

  test.each(cases)('every object is valid with %s', async (name) => {
    const manifests = await render(helm, { file: join(chart, 'ci', name) });
    expect(manifests.length).toBeGreaterThan(10);
    const problems = manifests.flatMap((each) =>
      problemsOf(each).map((problem) => `${each['kind']} ${each['metadata'].name}: ${problem}`),
    );
    expect(problems).toEqual([]);
  });

  test('the judge sees a wrong type, an unknown field and an unknown kind', ({ skip }) => {
    skip(schemas === undefined);
    const wrong = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'x' },
      spec: { ports: [{ port: 'x', prot: 1 }] },
    };
    expect(problemsOf(wrong)).toEqual([
      '.spec.ports[0].port: "x" is no integer',
      '.spec.ports[0].prot is no field that Kubernetes knows',
    ]);
    expect(problemsOf({ apiVersion: 'v2', kind: 'Service' })).toEqual(['v2 Service is no type that Kubernetes knows']);
  });
});

rendered('no two objects have one name, and every one is of this release', async () => {
  for (const name of cases) {
    const manifests = await render(helm, { file: join(chart, 'ci', name) });
    const names = manifests.map((each) => `${each['kind']}/${each['metadata'].name}`);
    expect(new Set(names).size).toBe(names.length);
    for (const { metadata } of manifests) {
      expect(metadata.labels['app.kubernetes.io/instance']).toBe('parley');
    }
  }
});

suite('how a gateway ends', () => {
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

rendered('liveness and start ask the process only, readiness all that it needs', async () => {
  const manifests = await render(helm);
  for (const name of ['gateway', ...SERVICES]) {
    const [container] = one(manifests, 'Deployment', `parley-${name}`)['spec'].template.spec.containers;
    expect(container.livenessProbe.httpGet).toEqual({ path: '/livez', port: 'metrics' });
    expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'metrics' });
    expect(container.startupProbe.httpGet).toEqual({ path: '/livez', port: 'metrics' });
    expect(container.ports).toContainEqual({ name: 'metrics', containerPort: 9464 });
  }
});

rendered('gateways roll without a gap, are spread, and scale down slowly', async () => {
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

rendered('every pod is confined', async () => {
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

rendered('only services reach Postgres, and only gateways are reached by clients', async () => {
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
    const ports = spec.ingress.flatMap((/** @type {any} */ rule) =>
      rule.ports.map((/** @type {any} */ each) => each.port),
    );
    expect(ports).toEqual(name === 'gateway' ? [8080, 8081, 8000, 9464] : [9464]);
    const out = spec.egress.flatMap((/** @type {any} */ rule) =>
      rule.ports.map((/** @type {any} */ each) => each.port),
    );
    expect(out.includes(5432)).toBe(name !== 'gateway');
  }
});

rendered('gateways never hear of Postgres; options reach their process, whole numbers as such', async () => {
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

rendered('external NATS and Postgres leave none of ours', async () => {
  const manifests = await render(helm, { file: join(chart, 'ci', 'external.yaml') });
  expect(manifests.filter(({ kind }) => kind === 'StatefulSet' || kind === 'Secret')).toEqual([]);
  const auth = environment(one(manifests, 'Deployment', 'parley-auth'));
  expect(auth['PARLEY_NATS_URL']).toBe('tls://nats-0.example.org:4222,tls://nats-1.example.org:4222');
  expect(auth['PARLEY_NATS_PASSWORD']).toEqual({ secretKeyRef: { name: 'parley-nats-users', key: 'auth' } });
  expect(auth['PARLEY_DATABASE_URL']).toEqual({ secretKeyRef: { name: 'parley-database', key: 'url' } });
  expect(auth['PARLEY_NATS_REPLICAS']).toBe('3');
  expect(one(manifests, 'Job', 'parley-migrate')['metadata'].annotations['helm.sh/hook']).toBe(
    'pre-upgrade,pre-install',
  );
});

rendered('three NATS servers know each other, and streams have three copies', async () => {
  const manifests = await render(helm, { file: join(chart, 'ci', 'ha.yaml') });
  const config = one(manifests, 'ConfigMap', 'parley-nats')['data']['nats.conf'];
  expect(config).toContain('subscribe: { allow: ["_INBOX.>","ext.X-Note","ext.X-List"] }');
  for (const i of [0, 1, 2]) expect(config).toContain(`"nats://parley-nats-${i}.parley-nats-pods:6222"`);
  expect(environment(one(manifests, 'Deployment', 'parley-rooms'))['PARLEY_NATS_REPLICAS']).toBe('3');
  expect(one(manifests, 'PodDisruptionBudget', 'parley-nats')['spec'].maxUnavailable).toBe(1);
});

rendered('Ingress and routes let a WebSocket be silent for longer than its heartbeat', async () => {
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

rendered('every option of every process can be set, and nothing else', () => {
  const schema = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8'));
  expect(optionRows(root, 'gateway').length).toBeGreaterThan(20);
  for (const name of SERVICES) {
    const { options } = schema.properties.services.properties[name].properties;
    expect(Object.keys(options.properties)).toEqual(optionRows(root, name).map(({ env }) => env));
    expect(options.additionalProperties).toBe(false);
  }
});

rendered('dashboards and alerts are what the files say', async () => {
  const values = { monitoring: { prometheusRule: { enabled: true, runbookUrl: 'https://docs.example.org/ops' } } };
  const manifests = await render(helm, { values });
  const shown = manifests.filter(({ metadata }) => metadata.labels['grafana_dashboard'] === '1');
  expect(shown).toHaveLength(6);
  for (const { data } of shown) {
    const [name = ''] = Object.keys(data);
    const text = data[name];
    expect(JSON.parse(text)).toEqual(
      JSON.parse(readFileSync(join(chart, 'dashboards', name.replace('parley-', '')), 'utf8')),
    );
  }
  const rules = parse(
    readFileSync(join(chart, 'files', 'alerts.yaml'), 'utf8').replaceAll(
      'docs/operations.md',
      'https://docs.example.org/ops',
    ),
  );
  expect(one(manifests, 'PrometheusRule', 'parley')['spec']).toEqual(rules);
});
