// @ts-check
// The alerts with their real times, by promtool: each stays silent until what it waits for has lasted, and then says what
// it should. That these things can happen to a real cluster is for services/gateway/src/faults/prometheus.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { run } from '../start/commands.mjs';
import { chart } from './tools.mjs';

const promtool = '/usr/bin/promtool';
const rules = join(chart, 'files', 'alerts.yaml');
/** @type {{alert: string, labels: {severity: string}}[]} */
const alerts = parse(readFileSync(rules, 'utf8')).groups.flatMap((/** @type {any} */ group) => group.rules);
const folder = mkdtempSync(join(tmpdir(), 'parley-alerts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * A minute between two values unless said otherwise; in Prometheus's words `1x5 0x9` is six ones, then ten zeros.
 * @typedef {{series: Record<string, string>, every?: string, silent: string, fires: string, labels?: Record<string, string>, says: string}} Case
 */
/** @type {Record<string, Case[]>} */
const cases = {
  ParleyProcessDown: [
    {
      series: { 'up{job="parley",instance="a"}': '1x5 0x9', 'up{job="parley",instance="never there"}': '0x20' },
      silent: '7m',
      fires: '8m',
      labels: { job: 'parley', instance: 'a' },
      says: 'a does not answer.',
    },
  ],
  ParleyNoReadyGateway: [
    {
      series: {
        'parley_ready{service_name="gateway",instance="a"}': '0x20',
        'parley_ready{service_name="gateway",instance="b"}': '1x5 0x9',
        'parley_ready{service_name="rooms",instance="c"}': '1x20',
      },
      silent: '6m',
      fires: '7m',
      says: 'No gateway is ready; nobody can connect.',
    },
    {
      series: { 'parley_ready{service_name="gateway",instance="a"}': '1x5 stale' },
      silent: '6m',
      fires: '7m',
      says: 'No gateway is ready; nobody can connect.',
    },
  ],
  ParleyNotReady: [
    {
      series: { 'parley_ready{service_name="rooms",instance="c"}': '1x5 0x9' },
      silent: '8m',
      fires: '9m',
      labels: { service_name: 'rooms', instance: 'c' },
      says: 'rooms on c wants no work for three minutes.',
    },
  ],
  ParleyShardsNotServed: [
    {
      series: {
        'parley_shards_served{service_name="rooms",instance="a"}': '32x20',
        'parley_shards_served{service_name="rooms",instance="b"}': '32x5 stale',
      },
      silent: '6m',
      fires: '7m',
      labels: { service_name: 'rooms' },
      says: '32 of 64 shards of rooms are served by nobody.',
    },
    {
      series: { 'parley_shards_served{service_name="session",instance="a"}': '64x5 stale' },
      silent: '6m',
      fires: '7m',
      labels: { service_name: 'session' },
      says: '64 of 64 shards of session are served by nobody.',
    },
  ],
  ParleyRequestsFail: [
    {
      series: {
        'parley_bus_call_duration_seconds_count{rpc="rooms.submit",outcome="ok"}': '0+90x20',
        'parley_bus_call_duration_seconds_count{rpc="rooms.submit",outcome="timeout"}': '0+10x20',
        'parley_bus_call_duration_seconds_count{rpc="rooms.join",outcome="not_found"}': '0+10x20',
      },
      silent: '2m',
      fires: '3m',
      labels: { rpc: 'rooms.submit' },
      says: '10% of the requests rooms.submit fail.',
    },
  ],
  ParleyDeliverySlow: [
    {
      series: {
        'parley_delivery_duration_seconds_bucket{dialect="chat",le="0.25"}': '0+98x20',
        'parley_delivery_duration_seconds_bucket{dialect="chat",le="0.5"}': '0+100x20',
        'parley_delivery_duration_seconds_bucket{dialect="chat",le="+Inf"}': '0+100x20',
      },
      silent: '5m',
      fires: '6m',
      labels: { dialect: 'chat' },
      says: 'One in a hundred events of chat takes longer than 250 ms to its sockets.',
    },
  ],
  ParleyEventsLost: [
    {
      series: { 'parley_events_lost_total{stream="EVENTS"}': '0x5 1x20' },
      silent: '5m',
      fires: '6m',
      labels: { stream: 'EVENTS' },
      says: 'Events of EVENTS could not be read any more; connections started afresh.',
    },
  ],
  ParleyHandshakesRefused: [
    {
      series: {
        'parley_handshakes_refused_total{reason="unavailable"}': '0+10x20',
        'parley_handshakes_refused_total{reason="unauthenticated"}': '0+900x20',
        'parley_connections_opened_total{dialect="chat"}': '0+90x20',
      },
      silent: '2m',
      fires: '3m',
      says: '10% of those who connect are refused.',
    },
  ],
  ParleyReconnectStorm: [
    {
      // One a second for an hour, then a hundred.
      series: { 'parley_connections_opened_total{dialect="chat"}': '0+15x240 3600+1500x20' },
      every: '15s',
      silent: '61m',
      fires: '62m',
      says: '100 connections a second, five times what was usual this hour.',
    },
  ],
  ParleySlowReaders: [
    {
      // Two a second: 300 within five minutes after some three.
      series: { 'parley_slow_readers_total{dialect="topics"}': '0+120x20' },
      silent: '7m',
      fires: '9m',
      labels: { dialect: 'topics' },
      says: 'More than one connection of topics a second is closed because it reads too slowly.',
    },
  ],
  ParleyEventLoopSlow: [
    {
      series: { 'nodejs_eventloop_delay_p99_seconds{service_name="rooms",instance="c"}': '0.05x5 0.5x20' },
      silent: '10m',
      fires: '11m',
      labels: { service_name: 'rooms', instance: 'c' },
      says: 'rooms on c is busy: its event loop waits 500ms.',
    },
  ],
  ParleyNatsReconnects: [
    {
      series: { 'parley_bus_reconnects_total{service_name="auth",instance="a"}': '0x5 1 2 3 4 4x20' },
      silent: '8m',
      fires: '10m',
      labels: { service_name: 'auth' },
      says: 'auth has lost NATS 4 times in ten minutes.',
    },
  ],
  ParleyNatsFault: [
    {
      series: { 'parley_bus_faults_total{service_name="auth",code="forbidden"}': '0x5 1x20' },
      silent: '5m',
      fires: '6m',
      labels: { service_name: 'auth', code: 'forbidden' },
      says: 'auth: NATS refuses a subject, or the process is far behind (forbidden).',
    },
  ],
  ParleyPublishFails: [
    {
      series: {
        'parley_bus_publish_duration_seconds_count{service_name="rooms",outcome="ok"}': '0+60x20',
        'parley_bus_publish_duration_seconds_count{service_name="messaging",outcome="timeout"}': '0+1x20',
      },
      silent: '2m',
      fires: '3m',
      labels: { service_name: 'messaging' },
      says: 'JetStream does not acknowledge what messaging publishes.',
    },
  ],
  ParleyOutboxWaits: [
    {
      series: { 'parley_outbox_waiting{service_name="messaging"}': '0x5 2000x20' },
      silent: '7m',
      fires: '8m',
      labels: { service_name: 'messaging' },
      says: '2000 committed events of messaging are not published yet.',
    },
  ],
  ParleyDatabasePoolExhausted: [
    {
      series: { 'parley_database_waiting{service_name="auth"}': '0x5 3x20' },
      silent: '7m',
      fires: '8m',
      labels: { service_name: 'auth' },
      says: '3 callers of auth wait for a connection to Postgres.',
    },
  ],
};

/** @param {string} name @param {Case} one what promtool takes for a test */
function promtoolTest(name, { series, every = '1m', silent, fires, labels = {}, says }) {
  const severity = alerts.find(({ alert }) => alert === name)?.labels.severity;
  return {
    interval: every,
    input_series: Object.entries(series).map(([metric, values]) => ({ series: metric, values })),
    alert_rule_test: [
      { eval_time: silent, alertname: name, exp_alerts: [] },
      {
        eval_time: fires,
        alertname: name,
        exp_alerts: [
          {
            exp_labels: { severity, ...labels },
            exp_annotations: { summary: says, runbook_url: `docs/operations.md#${name.toLowerCase()}` },
          },
        ],
      },
    ],
  };
}

describe.skipIf(!existsSync(promtool))('promtool', () => {
  test('takes the rules', async () => {
    const { code, output } = await run(promtool, ['check', 'rules', '--lint=all', '--lint-fatal', rules]);
    expect(code, output).toBe(0);
  });

  test('has a case for every alert', () => {
    expect(Object.keys(cases).sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  });

  test.each(Object.entries(cases))('%s is silent, then fires', async (name, ofAlert) => {
    const file = join(folder, `${name}.json`);
    const tests = ofAlert.map((one) => promtoolTest(name, one));
    writeFileSync(file, JSON.stringify({ rule_files: [rules], evaluation_interval: '15s', tests }));
    const { code, output } = await run(promtool, ['test', 'rules', file]);
    expect(code, output).toBe(0);
  });
});
