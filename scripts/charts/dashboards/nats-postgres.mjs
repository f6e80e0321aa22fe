// @ts-check
import { dashboard, panel, quantile, quantiles, rare, rateBy, row } from './parts.mjs';

export const natsPostgres = dashboard('nats-postgres', 'Parley: NATS and Postgres', 'As our processes see them.', [
  row('NATS'),
  panel('Round trip, p99 by process', 's', [
    [quantile('parley_bus_rtt_seconds', 0.99, 'service_name'), '{{service_name}}'],
  ]),
  panel('Durable publish: p50 p99 p99.9', 's', quantiles('parley_bus_publish_duration_seconds')),
  panel('Published by stream', 'cps', [[rateBy('parley_bus_publish_duration_seconds_count', 'stream'), '{{stream}}']]),
  panel('Not acknowledged', 'cps', [
    [
      rare(
        'sum by (stream, outcome) (rate(parley_bus_publish_duration_seconds_count{outcome!="ok"}[$__rate_interval]))',
      ),
      '{{stream}} {{outcome}}',
    ],
  ]),
  panel('Waiting to be acknowledged', 'short', [['sum by (stream) (parley_bus_publish_waiting)', '{{stream}}']]),
  panel('JetStream lag by stream', 's', [['max by (stream) (parley_jetstream_lag_seconds)', '{{stream}}']]),
  panel('Stored events read', 'cps', [[rare(rateBy('parley_bus_read_events_total', 'stream')), '{{stream}}']]),
  panel('Reconnects', 'cps', [[rare(rateBy('parley_bus_reconnects_total', 'service_name')), '{{service_name}}']]),
  panel('Faults: refused permissions, lag', 'cps', [[rare(rateBy('parley_bus_faults_total', 'code')), '{{code}}']]),
  panel('Sent again', 'cps', [[rare(rateBy('parley_bus_retries_total', 'what')), '{{what}}']]),
  panel('Malformed', 'cps', [[rare(rateBy('parley_bus_malformed_total', 'what')), '{{what}}']]),
  row('Postgres'),
  panel('Statements, p99 by service', 's', [
    [quantile('parley_database_statement_duration_seconds', 0.99, 'service_name'), '{{service_name}}'],
  ]),
  panel('Statements, by outcome', 'ops', [
    [rateBy('parley_database_statement_duration_seconds_count', 'outcome'), '{{outcome}}'],
  ]),
  panel('Waits for a connection, p99 by service', 's', [
    [quantile('parley_database_wait_duration_seconds', 0.99, 'service_name'), '{{service_name}}'],
  ]),
  panel('Connections in use', 'short', [
    ['sum by (service_name) (parley_database_connections{state="used"})', '{{service_name}}'],
  ]),
  panel('Pool used', 'percentunit', [
    [
      'sum by (service_name) (parley_database_connections{state="used"}) / sum by (service_name) (parley_database_connections_limit)',
      '{{service_name}}',
    ],
  ]),
  panel('Callers that wait for a connection', 'short', [
    ['sum by (service_name) (parley_database_waiting)', '{{service_name}}'],
  ]),
  panel('Connections open', 'short', [
    ['sum(parley_database_connections)', 'open'],
    ['sum(parley_database_connections_limit)', 'limit'],
  ]),
  panel('Outbox: committed and not published', 'short', [
    ['sum by (service_name) (parley_outbox_waiting)', '{{service_name}}'],
  ]),
  panel('Transactions of chat and documents', 'ops', [
    [rare('sum(rate(parley_messaging_chat_commits_total[$__rate_interval]))'), 'chat'],
    [rare('sum(rate(parley_rooms_commits_total[$__rate_interval]))'), 'documents'],
  ]),
]);
