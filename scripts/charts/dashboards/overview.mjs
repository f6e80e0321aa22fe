// @ts-check
import { byDialect, dashboard, panel, quantile, quantiles, rare, rateBy, row, stat } from './parts.mjs';

export const overview = dashboard('overview', 'Parley: Overview', 'Golden signals, by dialect.', [
  row('Now'),
  stat('Connections', 'sum(parley_connections_active)', 'short'),
  stat('Users online', 'sum(parley_presence_users_online)', 'short'),
  stat('Frames in', 'sum(rate(parley_frames_received_total[$__rate_interval]))', 'reqps'),
  stat('Deliveries', 'sum(rate(parley_deliveries_total[$__rate_interval]))', 'cps'),
  stat('Delivery, p99', quantile('parley_delivery_duration_seconds', 0.99), 's'),
  stat('Not ready', 'sum(1 - parley_ready)', 'short', 1),
  row('Traffic'),
  panel('Connections by dialect', 'short', byDialect('sum by (dialect) (parley_connections_active)')),
  panel('Accepted per second', 'cps', byDialect(rateBy('parley_connections_opened_total', 'dialect'))),
  panel('Frames received', 'cps', byDialect(rateBy('parley_frames_received_total', 'dialect'))),
  panel('Deliveries', 'cps', byDialect(rateBy('parley_deliveries_total', 'dialect'))),
  panel('Bytes delivered', 'Bps', byDialect(rateBy('parley_bytes_delivered_total', 'dialect'))),
  panel('Bytes received', 'Bps', byDialect(rateBy('parley_bytes_received_total', 'dialect'))),
  row('Latency'),
  panel('From stored to written, p50 p99 p99.9', 's', quantiles('parley_delivery_duration_seconds')),
  panel(
    'From stored to written, p99 by dialect',
    's',
    byDialect(quantile('parley_delivery_duration_seconds', 0.99, 'dialect')),
  ),
  panel('Canary: out by the bus and back', 's', quantiles('parley_canary_duration_seconds')),
  panel('Requests to services, p99 by verb', 's', [
    [quantile('parley_bus_call_duration_seconds', 0.99, 'rpc'), '{{rpc}}'],
  ]),
  row('Errors'),
  panel('Requests that failed', 'reqps', [
    [
      rare('sum by (outcome) (rate(parley_bus_call_duration_seconds_count{outcome!="ok"}[$__rate_interval]))'),
      '{{outcome}}',
    ],
  ]),
  panel('Handshakes refused', 'cps', [[rare(rateBy('parley_handshakes_refused_total', 'reason')), '{{reason}}']]),
  panel('Closed by us', 'cps', [
    [rare('sum by (reason) (rate(parley_connections_closed_total{reason!="client"}[$__rate_interval]))'), '{{reason}}'],
  ]),
  panel('Starting afresh because events were lost', 'short', [
    [rare('sum by (stream) (increase(parley_events_lost_total[$__rate_interval]))'), '{{stream}}'],
  ]),
  row('Saturation'),
  panel('Event loop, p99 by process', 's', [
    ['max by (service_name) (nodejs_eventloop_delay_p99_seconds)', '{{service_name}}'],
  ]),
  panel('CPU by process', 'short', [[rateBy('process_cpu_time_seconds_total', 'service_name'), '{{service_name}}']]),
]);
