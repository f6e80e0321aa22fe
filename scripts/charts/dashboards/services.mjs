// @ts-check
import { dashboard, panel, perPod, quantile, rare, rateBy, row } from './parts.mjs';

export const services = dashboard('services', 'Parley: Services', 'Requests, shards and processes of every service.', [
  row('Requests'),
  panel('Answered per second, by verb', 'reqps', [
    [rateBy('parley_bus_serve_duration_seconds_count', 'rpc'), '{{rpc}}'],
  ]),
  panel('Answered not ok, by verb', 'reqps', [
    [
      rare('sum by (rpc, outcome) (rate(parley_bus_serve_duration_seconds_count{outcome!="ok"}[$__rate_interval]))'),
      '{{rpc}} {{outcome}}',
    ],
  ]),
  panel('Time to answer, p99 by verb', 's', [[quantile('parley_bus_serve_duration_seconds', 0.99, 'rpc'), '{{rpc}}']]),
  panel('Timed out or unavailable, as the askers see it', 'reqps', [
    [
      rare(
        'sum by (rpc) (rate(parley_bus_call_duration_seconds_count{outcome=~"timeout|unavailable|internal"}[$__rate_interval]))',
      ),
      '{{rpc}}',
    ],
  ]),
  row('Shards'),
  panel(
    'Served per pod',
    'short',
    perPod('sum by (service_name, instance) (parley_shards_served)', '{{service_name}} {{instance}}'),
  ),
  panel('Of 64, not served', 'short', [['64 - sum by (service_name) (parley_shards_served)', '{{service_name}}']]),
  panel('Committed and not published yet', 'short', [
    ['sum by (service_name) (parley_outbox_waiting)', '{{service_name}}'],
  ]),
  row('Domains'),
  panel('Logins', 'cps', [[rare(rateBy('parley_auth_logins_total', 'result')), '{{result}}']]),
  panel('Passwords: hashing, p99', 's', [[quantile('parley_auth_hash_duration_seconds', 0.99), 'p99']]),
  panel('Passwords that wait', 'short', [['sum(parley_auth_hash_waiting)', 'waiting']]),
  panel('Users online', 'short', [
    ['sum(parley_presence_users_online)', 'users'],
    ['sum(parley_presence_connections)', 'connections'],
  ]),
  panel('Chat', 'cps', [[rare(rateBy('parley_messaging_chat_messages_total', 'result')), '{{result}}']]),
  panel('Topics', 'cps', [[rare(rateBy('parley_messaging_topic_publications_total', 'result')), '{{result}}']]),
  panel('Direct messages', 'cps', [[rare(rateBy('parley_messaging_direct_sends_total', 'result')), '{{result}}']]),
  panel('Presence announced', 'cps', [[rare(rateBy('parley_presence_announced_total', 'status')), '{{status}}']]),
  row('Processes'),
  panel(
    'Event loop p99',
    's',
    perPod('max by (service_name, instance) (nodejs_eventloop_delay_p99_seconds)', '{{service_name}} {{instance}}'),
  ),
  panel(
    'CPU',
    'short',
    perPod(
      'sum by (service_name, instance) (rate(process_cpu_time_seconds_total[$__rate_interval]))',
      '{{service_name}} {{instance}}',
    ),
  ),
  panel(
    'Memory',
    'bytes',
    perPod('sum by (service_name, instance) (process_memory_usage_bytes)', '{{service_name}} {{instance}}'),
  ),
  panel('Ready', 'short', perPod('min by (service_name, instance) (parley_ready)', '{{service_name}} {{instance}}')),
]);
