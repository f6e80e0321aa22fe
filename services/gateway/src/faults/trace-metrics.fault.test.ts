import { startCluster, waitFor, type Cluster } from '@parley/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { roomy } from './load.js';
import { samplesOf, type Sample } from './telemetry/samples.js';
import { Stage } from './telemetry/stage.js';

const DIALECTS = ['chat', 'collab', 'party', 'topics', 'watch'];
/** Series of one metric in one process, buckets aside. */
const MOST_SERIES = 150;

/** With a series per dialect. */
const ofDialects = [
  'parley_connections_active',
  'parley_connections_opened_total',
  'parley_connections_unsent_bytes',
  'parley_frames_received_total',
  'parley_frames_sent_total',
  'parley_bytes_received_total',
  'parley_bytes_sent_total',
  'parley_bytes_delivered_total',
  'parley_deliveries_total',
  'parley_slow_readers_total',
  'parley_slow_readers_actions_total',
  'parley_frame_duration_seconds_count',
  'parley_delivery_duration_seconds_count',
];

const ofEveryone = [
  'nodejs_eventloop_delay_p99_seconds',
  'nodejs_eventloop_utilization_ratio',
  'process_cpu_time_seconds_total',
  'process_memory_usage_bytes',
  'parley_ready',
  'parley_bus_reconnects_total',
  'parley_bus_retries_total',
  'parley_bus_rtt_seconds_count',
];

const ofServices = [
  'parley_database_statement_duration_seconds_count',
  'parley_database_wait_duration_seconds_count',
  'parley_bus_serve_duration_seconds_count',
  'parley_database_connections',
  'parley_database_connections_limit',
  'parley_database_waiting',
  'parley_outbox_waiting',
];

const expected: Readonly<Record<string, readonly string[]>> = {
  'gateway-1': [
    ...ofEveryone,
    ...ofDialects,
    'http_server_request_duration_seconds_count',
    'parley_bus_call_duration_seconds_count',
    'parley_bus_publish_duration_seconds_count',
    'parley_bus_publish_waiting',
    'parley_canary_duration_seconds_count',
    'parley_connections_unsent_bytes',
    'parley_events_lost_total',
    'parley_events_repaired_total',
    'parley_gaps_found_total',
    'parley_gaps_repaired_total',
    'parley_handshakes_refused_total',
    'parley_jetstream_lag_seconds',
    'parley_subscriptions_active',
  ],
  auth: [...ofEveryone, ...ofServices, 'parley_auth_registrations_total', 'parley_auth_hash_duration_seconds_count'],
  messaging: [...ofEveryone, ...ofServices, 'parley_messaging_chat_batch_count', 'parley_bus_publish_waiting'],
  presence: [...ofEveryone, ...ofServices, 'parley_presence_connections', 'parley_presence_users_online'],
  rooms: [
    ...ofEveryone,
    ...ofServices,
    'parley_rooms_batch_count',
    'parley_rooms_commit_seconds_count',
    'parley_rooms_documents',
    'parley_rooms_operations_total',
    'parley_rooms_participants',
  ],
  session: [...ofEveryone, ...ofServices, 'parley_session_open', 'parley_session_members'],
  signaling: [...ofEveryone, ...ofServices, 'parley_voice_users', 'parley_watch_devices', 'parley_watch_sessions'],
};

let cluster: Cluster;
let stage: Stage;
const scraped = new Map<string, readonly Sample[]>();

beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, env: { ...roomy, PARLEY_CANARY_MS: '500' } });
  stage = await Stage.open(cluster);
  await stage.chat('Hello.');
  await stage.topics('Hello.');
  await stage.collab('Hello.');
  await stage.watch('v=0');
  await stage.party();
});
afterAll(async () => {
  stage.close();
  await cluster.stop();
});

test.each(Object.entries(expected))('%s has what its work is judged by', async (name, metrics) => {
  // Some are measured every few seconds only.
  const missing = async (): Promise<string[]> => {
    const samples = await samplesOf(cluster.process(name).probesUrl);
    scraped.set(name, samples);
    return metrics.filter((metric) => !samples.some((sample) => sample.name === metric));
  };
  await waitFor(async () => (await missing()).length === 0, `${name}'s metrics`, 10_000).catch(() => undefined);
  expect(await missing()).toEqual([]);
});

test.each(ofDialects)('%s is counted by dialect', async (metric) => {
  const samples = await Promise.all(cluster.gateways.map(({ probesUrl }) => samplesOf(probesUrl)));
  const found = samples.flat().filter(({ name }) => name === metric);
  expect([...new Set(found.map(({ labels }) => labels.get('dialect')))].toSorted()).toEqual(DIALECTS);
});

test('nobody’s id, name, address or text is a label, and none has many values', () => {
  expect(scraped.size).toBe(Object.keys(expected).length);
  for (const [process, samples] of scraped) {
    const series = new Map<string, number>();
    for (const { name, labels } of samples) {
      if (name === 'target_info') continue;
      for (const [label, value] of labels) expect(`${process} ${name} ${label}=${value}`).not.toMatch(PERSONAL);
      if (!name.endsWith('_bucket')) series.set(name, (series.get(name) ?? 0) + 1);
    }
    expect([...series].filter(([, count]) => count > MOST_SERIES)).toEqual([]);
  }
});

/** Ids of ours are UUIDs; names of accounts here begin with `user_`. */
const PERSONAL = /[0-9a-f]{8}-[0-9a-f]{4}-|=user_|camera-|Hello/;

test('durations are in seconds, amounts of data in bytes, and all say what they are', async () => {
  for (const { probesUrl } of cluster.processes) {
    const text = await (await fetch(`${probesUrl}/metrics`)).text();
    const types = [...text.matchAll(/^# TYPE (parley_\w+) (\w+)$/gm)];
    expect(types.length).toBeGreaterThan(0);
    for (const [, name = ''] of types) {
      expect(name).not.toMatch(/_(ms|milliseconds|kb|kilobytes|minutes)(_|$)/);
      expect(text).toMatch(new RegExp(`^# HELP ${name} \\S.*\\.$`, 'm'));
    }
  }
});
