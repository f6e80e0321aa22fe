// @ts-check
import { byDialect, dashboard, panel, perPod, quantile, rare, rateBy, row } from './parts.mjs';

export const gateways = dashboard('gateways', 'Parley: Gateways', 'What each gateway carries and how it feels.', [
  row('Connections'),
  panel('Connections per pod', 'short', perPod('sum by (instance) (parley_connections_active)')),
  panel('Fullest pod against the mean', 'short', [
    [
      'max(sum by (instance) (parley_connections_active)) / clamp_min(avg(sum by (instance) (parley_connections_active)), 1)',
      'max / mean',
    ],
  ]),
  panel('Accepted per pod', 'cps', perPod(rateBy('parley_connections_opened_total', 'instance'))),
  panel('Closed, by reason', 'cps', [[rare(rateBy('parley_connections_closed_total', 'reason')), '{{reason}}']]),
  panel('Handshakes refused, by reason', 'cps', [
    [rare(rateBy('parley_handshakes_refused_total', 'reason')), '{{reason}}'],
  ]),
  panel('Subjects listened to', 'short', perPod('sum by (instance) (parley_subscriptions_active)')),
  row('Work'),
  panel('Frames handled, p99 by dialect', 's', byDialect(quantile('parley_frame_duration_seconds', 0.99, 'dialect'))),
  panel('REST, p99 by route', 's', [
    [quantile('http_server_request_duration_seconds', 0.99, 'http_route'), '{{http_route}}'],
  ]),
  panel('REST, by status', 'reqps', [
    [
      rateBy('http_server_request_duration_seconds_count', 'http_response_status_code'),
      '{{http_response_status_code}}',
    ],
  ]),
  panel('Deliveries per pod', 'cps', perPod(rateBy('parley_deliveries_total', 'instance'))),
  panel('Delivery p99 per pod', 's', perPod(quantile('parley_delivery_duration_seconds', 0.99, 'instance'))),
  panel('Bytes delivered per pod', 'Bps', perPod(rateBy('parley_bytes_delivered_total', 'instance'))),
  row('Readers that lag'),
  panel('Unsent bytes', 'bytes', perPod('sum by (instance) (parley_connections_unsent_bytes)')),
  panel('What was done about slow readers', 'cps', [
    [rare(rateBy('parley_slow_readers_actions_total', 'action')), '{{action}}'],
  ]),
  panel('Closed as too slow', 'cps', byDialect(rare(rateBy('parley_slow_readers_total', 'dialect')))),
  row('Missed and repaired'),
  panel('Gaps found and repaired', 'cps', [
    [rare('sum(rate(parley_gaps_found_total[$__rate_interval]))'), 'found'],
    [rare('sum(rate(parley_gaps_repaired_total[$__rate_interval]))'), 'repaired'],
  ]),
  panel('Events read again', 'cps', [[rare(rateBy('parley_events_repaired_total', 'stream')), '{{stream}}']]),
  panel('Events nobody could place', 'cps', [[rare(rateBy('parley_events_unrouted_total', 'subject')), '{{subject}}']]),
  row('Process'),
  panel(
    'Event loop p99',
    's',
    perPod('max by (instance) (nodejs_eventloop_delay_p99_seconds{service_name="gateway"})'),
  ),
  panel(
    'Event loop used',
    'percentunit',
    perPod('max by (instance) (nodejs_eventloop_utilization_ratio{service_name="gateway"})'),
  ),
  panel(
    'CPU',
    'short',
    perPod('sum by (instance) (rate(process_cpu_time_seconds_total{service_name="gateway"}[$__rate_interval]))'),
  ),
  panel('Memory', 'bytes', perPod('sum by (instance) (process_memory_usage_bytes{service_name="gateway"})')),
  panel('Heap', 'bytes', perPod('sum by (instance) (v8js_memory_heap_used_bytes{service_name="gateway"})')),
  panel(
    'Garbage collection',
    'percentunit',
    perPod('sum by (instance) (rate(v8js_gc_duration_seconds_sum{service_name="gateway"}[$__rate_interval]))'),
  ),
]);
