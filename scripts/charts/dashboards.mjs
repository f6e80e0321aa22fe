// @ts-check
import { byDialect, panel, quantiles, rare, row, stat, dashboard } from './dashboard-parts.mjs';

/**
 * The six dashboards, by file name. Queries ask only for what docs/generated/METRICS.md and the instrumentation of Node
 * name; what happens rarely is shown as 0 until then, so that an empty panel always means that something is wrong.
 * @returns {Record<string, import('./dashboard-parts.mjs').Dashboard>}
 */
export function dashboards() {
  return {
    overview: dashboard('overview', 'Parley: Overview', 'Golden signals, by dialect.', [
      row('Now'),
      stat('Connections', 'sum(parley_connections_active)', 'short'),
      stat('Users online', 'sum(parley_presence_users_online)', 'short'),
      stat('Frames in', 'sum(rate(parley_frames_received_total[$__rate_interval]))', 'reqps'),
      stat('Deliveries', 'sum(rate(parley_deliveries_total[$__rate_interval]))', 'cps'),
      stat('Delivery, p99', quantile('parley_delivery_duration_seconds', 0.99), 's'),
      stat('Not ready', 'count(parley_ready == 0) or vector(0)', 'short', 1),
      row('Traffic'),
      panel('Connections by dialect', 'short', byDialect('sum by (dialect) (parley_connections_active)')),
      panel('Accepted per second', 'cps', byDialect(rateBy('parley_connections_opened_total', 'dialect'))),
      panel('Frames received', 'cps', byDialect(rateBy('parley_frames_received_total', 'dialect'))),
      panel('Deliveries', 'cps', byDialect(rateBy('parley_deliveries_total', 'dialect'))),
      panel('Bytes delivered', 'Bps', byDialect(rateBy('parley_bytes_delivered_total', 'dialect'))),
      panel('Bytes received', 'Bps', byDialect(rateBy('parley_bytes_received_total', 'dialect'))),
      row('Latency'),
      panel('From stored to written, p50 p99 p99.9', 's', quantiles('parley_delivery_duration_seconds')),
      panel('From stored to written, p99 by dialect', 's', byDialect(quantile('parley_delivery_duration_seconds', 0.99, 'dialect'))),
      panel('Canary: out by the bus and back', 's', quantiles('parley_canary_duration_seconds')),
      panel('Requests to services, p99 by verb', 's', [[quantile('parley_bus_call_duration_seconds', 0.99, 'rpc'), '{{rpc}}']]),
      row('Errors'),
      panel('Requests that failed', 'reqps', [
        [rare('sum by (outcome) (rate(parley_bus_call_duration_seconds_count{outcome!="ok"}[$__rate_interval]))'), '{{outcome}}'],
      ]),
      panel('Handshakes refused', 'cps', [[rare(rateBy('parley_handshakes_refused_total', 'reason')), '{{reason}}']]),
      panel('Closed by us', 'cps', [
        [rare('sum by (reason) (rate(parley_connections_closed_total{reason!="client"}[$__rate_interval]))'), '{{reason}}'],
      ]),
      panel('Starting afresh because events were lost', 'short', [
        [rare('sum by (stream) (increase(parley_events_lost_total[$__rate_interval]))'), '{{stream}}'],
      ]),
      row('Saturation'),
      panel('Event loop, p99 by process', 's', [['max by (service_name) (nodejs_eventloop_delay_p99_seconds)', '{{service_name}}']]),
      panel('CPU by process', 'short', [[rateBy('process_cpu_time_seconds_total', 'service_name'), '{{service_name}}']]),
    ]),
    gateways: dashboard('gateways', 'Parley: Gateways', 'What each gateway carries and how it feels.', [
      row('Connections'),
      panel('Connections per pod', 'short', perPod('sum by (instance) (parley_connections_active)')),
      panel('Fullest pod against the mean', 'short', [
        ['max(sum by (instance) (parley_connections_active)) / clamp_min(avg(sum by (instance) (parley_connections_active)), 1)', 'max / mean'],
      ]),
      panel('Accepted per pod', 'cps', perPod(rateBy('parley_connections_opened_total', 'instance'))),
      panel('Closed, by reason', 'cps', [[rare(rateBy('parley_connections_closed_total', 'reason')), '{{reason}}']]),
      panel('Handshakes refused, by reason', 'cps', [[rare(rateBy('parley_handshakes_refused_total', 'reason')), '{{reason}}']]),
      panel('Subjects listened to', 'short', perPod('sum by (instance) (parley_subscriptions_active)')),
      row('Work'),
      panel('Frames handled, p99 by dialect', 's', byDialect(quantile('parley_frame_duration_seconds', 0.99, 'dialect'))),
      panel('Deliveries per pod', 'cps', perPod(rateBy('parley_deliveries_total', 'instance'))),
      panel('Delivery p99 per pod', 's', perPod(quantile('parley_delivery_duration_seconds', 0.99, 'instance'))),
      panel('Bytes delivered per pod', 'Bps', perPod(rateBy('parley_bytes_delivered_total', 'instance'))),
      row('Readers that lag'),
      panel('Unsent bytes', 'bytes', perPod('sum by (instance) (parley_connections_unsent_bytes)')),
      panel('What was done about slow readers', 'cps', [[rare(rateBy('parley_slow_readers_actions_total', 'action')), '{{action}}']]),
      panel('Closed as too slow', 'cps', byDialect(rare(rateBy('parley_slow_readers_total', 'dialect')))),
      row('Missed and repaired'),
      panel('Gaps found and repaired', 'cps', [
        [rare('sum(rate(parley_gaps_found_total[$__rate_interval]))'), 'found'],
        [rare('sum(rate(parley_gaps_repaired_total[$__rate_interval]))'), 'repaired'],
      ]),
      panel('Events read again', 'cps', [[rare(rateBy('parley_events_repaired_total', 'stream')), '{{stream}}']]),
      panel('Events nobody could place', 'cps', [[rare(rateBy('parley_events_unrouted_total', 'subject')), '{{subject}}']]),
      row('Process'),
      panel('Event loop p99', 's', perPod('max by (instance) (nodejs_eventloop_delay_p99_seconds{service_name="gateway"})')),
      panel('Event loop used', 'percentunit', perPod('max by (instance) (nodejs_eventloop_utilization_ratio{service_name="gateway"})')),
      panel('CPU', 'short', perPod('sum by (instance) (rate(process_cpu_time_seconds_total{service_name="gateway"}[$__rate_interval]))')),
      panel('Memory', 'bytes', perPod('sum by (instance) (process_memory_usage_bytes{service_name="gateway"})')),
      panel('Heap', 'bytes', perPod('sum by (instance) (v8js_memory_heap_used_bytes{service_name="gateway"})')),
      panel('Garbage collection', 'percentunit', perPod('sum by (instance) (rate(v8js_gc_duration_seconds_sum{service_name="gateway"}[$__rate_interval]))')),
    ]),
    services: dashboard('services', 'Parley: Services', 'Requests, shards and processes of every service.', [
      row('Requests'),
      panel('Answered per second, by verb', 'reqps', [[rateBy('parley_bus_serve_duration_seconds_count', 'rpc'), '{{rpc}}']]),
      panel('Answered not ok, by verb', 'reqps', [
        [rare('sum by (rpc, outcome) (rate(parley_bus_serve_duration_seconds_count{outcome!="ok"}[$__rate_interval]))'), '{{rpc}} {{outcome}}'],
      ]),
      panel('Time to answer, p99 by verb', 's', [[quantile('parley_bus_serve_duration_seconds', 0.99, 'rpc'), '{{rpc}}']]),
      panel('Timed out or unavailable, as the askers see it', 'reqps', [
        [rare('sum by (rpc) (rate(parley_bus_call_duration_seconds_count{outcome=~"timeout|unavailable|internal"}[$__rate_interval]))'), '{{rpc}}'],
      ]),
      row('Shards'),
      panel('Served per pod', 'short', perPod('sum by (service_name, instance) (parley_shards_served)', '{{service_name}} {{instance}}')),
      panel('Of 64, not served', 'short', [['64 - sum by (service_name) (parley_shards_served)', '{{service_name}}']]),
      panel('Committed and not published yet', 'short', [['sum by (service_name) (parley_outbox_waiting)', '{{service_name}}']]),
      row('Domains'),
      panel('Logins', 'cps', [[rare(rateBy('parley_auth_logins_total', 'result')), '{{result}}']]),
      panel('Passwords: hashing, p99', 's', [[quantile('parley_auth_hash_duration_seconds', 0.99), 'p99']]),
      panel('Passwords that wait', 'short', [['sum(parley_auth_hash_waiting)', 'waiting']]),
      panel('Users online', 'short', [['sum(parley_presence_users_online)', 'users'], ['sum(parley_presence_connections)', 'connections']]),
      panel('Chat', 'cps', [[rare(rateBy('parley_messaging_chat_messages_total', 'result')), '{{result}}']]),
      panel('Topics', 'cps', [[rare(rateBy('parley_messaging_topic_publications_total', 'result')), '{{result}}']]),
      panel('Direct messages', 'cps', [[rare(rateBy('parley_messaging_direct_sends_total', 'result')), '{{result}}']]),
      panel('Presence announced', 'cps', [[rare(rateBy('parley_presence_announced_total', 'status')), '{{status}}']]),
      row('Processes'),
      panel('Event loop p99', 's', perPod('max by (service_name, instance) (nodejs_eventloop_delay_p99_seconds)', '{{service_name}} {{instance}}')),
      panel('CPU', 'short', perPod('sum by (service_name, instance) (rate(process_cpu_time_seconds_total[$__rate_interval]))', '{{service_name}} {{instance}}')),
      panel('Memory', 'bytes', perPod('sum by (service_name, instance) (process_memory_usage_bytes)', '{{service_name}} {{instance}}')),
      panel('Ready', 'short', perPod('min by (service_name, instance) (parley_ready)', '{{service_name}} {{instance}}')),
    ]),
    ot: dashboard('ot', 'Parley: OT', 'Documents, operations, and how they are committed.', [
      row('Operations'),
      panel('Operations by result', 'ops', [[rare(rateBy('parley_rooms_operations_total', 'result')), '{{result}}']]),
      panel('Commit: p50 p99 p99.9', 's', quantiles('parley_rooms_commit_seconds')),
      panel('Operations per commit', 'short', [
        [quantile('parley_rooms_batch', 0.5), 'p50'],
        [quantile('parley_rooms_batch', 0.99), 'p99'],
      ]),
      panel('Commits', 'ops', [[rare('sum(rate(parley_rooms_commits_total[$__rate_interval]))'), 'transactions']]),
      panel('Batches that were not committed as staged', 'ops', [[rare(rateBy('parley_rooms_setbacks_total', 'reason')), '{{reason}}']]),
      panel('Committed and not announced', 'bytes', perPod('sum by (instance) (parley_rooms_unannounced_bytes)')),
      row('Documents'),
      panel('Documents in memory', 'short', perPod('sum by (instance) (parley_rooms_documents)')),
      panel('Their size', 'bytes', perPod('sum by (instance) (parley_rooms_documents_size_bytes)')),
      panel('Rooms open, participants', 'short', [['sum(parley_rooms_open)', 'rooms'], ['sum(parley_rooms_participants)', 'participants']]),
      panel('Joins by result', 'cps', [[rare(rateBy('parley_rooms_joins_total', 'result')), '{{result}}']]),
      panel('Loaded, snapshots, pruned', 'cps', [
        [rare('sum(rate(parley_rooms_loads_total[$__rate_interval]))'), 'documents loaded'],
        [rare('sum(rate(parley_rooms_snapshots_total[$__rate_interval]))'), 'snapshots'],
        [rare('sum(rate(parley_rooms_pruned_total[$__rate_interval]))'), 'operations pruned'],
      ]),
      panel('Submit, p99 as gateways see it', 's', [[quantile('parley_bus_call_duration_seconds{rpc="rooms.submit"}', 0.99), 'p99']]),
    ]),
    'signaling-sessions': dashboard('signaling-sessions', 'Parley: Signaling and sessions', 'Voice, watching, parties.', [
      row('Voice'),
      panel('Users in voice', 'short', [['sum(parley_voice_users)', 'users']]),
      panel('Signals by outcome', 'cps', [[rare(rateBy('parley_voice_signals_total', 'outcome')), '{{outcome}}']]),
      panel('Joined and left', 'cps', [
        [rare('sum(rate(parley_voice_joined_total[$__rate_interval]))'), 'joined'],
        [rare('sum(rate(parley_voice_left_total[$__rate_interval]))'), 'left'],
      ]),
      row('Watching'),
      panel('Devices, sessions', 'short', [['sum(parley_watch_devices)', 'devices'], ['sum(parley_watch_sessions)', 'sessions']]),
      panel('Requests to watch', 'cps', [[rare(rateBy('parley_watch_requests_total', 'result')), '{{result}}']]),
      panel('Signals by outcome', 'cps', [[rare(rateBy('parley_watch_signals_total', 'outcome')), '{{outcome}}']]),
      panel('Sessions ended', 'cps', [[rare(rateBy('parley_watch_ended_total', 'reason')), '{{reason}}']]),
      panel('Devices that said who they are', 'cps', [[rare(rateBy('parley_watch_device_authentications_total', 'result')), '{{result}}']]),
      panel('Parties of a call that were lost', 'cps', [[rare(rateBy('parley_watch_parties_lost_total', 'noticed')), '{{noticed}}']]),
      row('Parties'),
      panel('Open parties, members', 'short', [['sum(parley_session_open)', 'parties'], ['sum(parley_session_members)', 'members']]),
      panel('Joins by result', 'cps', [[rare(rateBy('parley_session_joins_total', 'result')), '{{result}}']]),
      panel('Closed by reason', 'cps', [[rare(rateBy('parley_session_closed_total', 'reason')), '{{reason}}']]),
      panel('Members left by reason', 'cps', [[rare(rateBy('parley_session_members_left_total', 'reason')), '{{reason}}']]),
      row('Answers'),
      panel('Time to answer, p99 by verb', 's', [[quantile('parley_bus_serve_duration_seconds{service_name=~"signaling|session"}', 0.99, 'rpc'), '{{rpc}}']]),
    ]),
    'nats-postgres': dashboard('nats-postgres', 'Parley: NATS and Postgres', 'As our processes see them.', [
      row('NATS'),
      panel('Round trip, p99 by process', 's', [[quantile('parley_bus_rtt_seconds', 0.99, 'service_name'), '{{service_name}}']]),
      panel('Durable publish: p50 p99 p99.9', 's', quantiles('parley_bus_publish_duration_seconds')),
      panel('Published by stream', 'cps', [[rateBy('parley_bus_publish_duration_seconds_count', 'stream'), '{{stream}}']]),
      panel('Not acknowledged', 'cps', [
        [rare('sum by (stream, outcome) (rate(parley_bus_publish_duration_seconds_count{outcome!="ok"}[$__rate_interval]))'), '{{stream}} {{outcome}}'],
      ]),
      panel('JetStream lag by stream', 's', [['max by (stream) (parley_jetstream_lag_seconds)', '{{stream}}']]),
      panel('Stored events read', 'cps', [[rare(rateBy('parley_bus_read_events_total', 'stream')), '{{stream}}']]),
      panel('Reconnects', 'cps', [[rare(rateBy('parley_bus_reconnects_total', 'service_name')), '{{service_name}}']]),
      panel('Faults: refused permissions, lag', 'cps', [[rare(rateBy('parley_bus_faults_total', 'code')), '{{code}}']]),
      panel('Sent again', 'cps', [[rare(rateBy('parley_bus_retries_total', 'what')), '{{what}}']]),
      panel('Malformed', 'cps', [[rare(rateBy('parley_bus_malformed_total', 'what')), '{{what}}']]),
      row('Postgres'),
      panel('Connections in use', 'short', [['sum by (service_name) (parley_database_connections{state="used"})', '{{service_name}}']]),
      panel('Pool used', 'percentunit', [
        ['sum by (service_name) (parley_database_connections{state="used"}) / sum by (service_name) (parley_database_connections_limit)', '{{service_name}}'],
      ]),
      panel('Callers that wait for a connection', 'short', [['sum by (service_name) (parley_database_waiting)', '{{service_name}}']]),
      panel('Connections open', 'short', [['sum(parley_database_connections)', 'open'], ['sum(parley_database_connections_limit)', 'limit']]),
      panel('Outbox: committed and not published', 'short', [['sum by (service_name) (parley_outbox_waiting)', '{{service_name}}']]),
      panel('Transactions of chat and documents', 'ops', [
        [rare('sum(rate(parley_messaging_chat_commits_total[$__rate_interval]))'), 'chat'],
        [rare('sum(rate(parley_rooms_commits_total[$__rate_interval]))'), 'documents'],
      ]),
    ]),
  };
}

/** @param {string} metric @param {string} label */
function rateBy(metric, label) {
  return `sum by (${label}) (rate(${metric}[$__rate_interval]))`;
}

/** @param {string} metric a histogram, with or without a selector @param {number} q @param {string} [label] */
function quantile(metric, q, label) {
  const bucket = metric.includes('{') ? metric.replace('{', '_bucket{') : `${metric}_bucket`;
  return `histogram_quantile(${q}, sum by (le${label === undefined ? '' : `, ${label}`}) (rate(${bucket}[$__rate_interval])))`;
}

/** @param {string} query @param {string} [legend] @returns {[string, string][]} */
function perPod(query, legend = '{{instance}}') {
  return [[query, legend]];
}
