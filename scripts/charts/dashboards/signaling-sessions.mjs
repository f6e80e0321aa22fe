// @ts-check
import { dashboard, panel, quantile, rare, rateBy, row } from './parts.mjs';

export const signalingSessions = dashboard(
  'signaling-sessions',
  'Parley: Signaling and sessions',
  'Voice, watching, parties.',
  [
    row('Voice'),
    panel('Users in voice', 'short', [['sum(parley_voice_users)', 'users']]),
    panel('Signals by outcome', 'cps', [[rare(rateBy('parley_voice_signals_total', 'outcome')), '{{outcome}}']]),
    panel('Joined and left', 'cps', [
      [rare('sum(rate(parley_voice_joined_total[$__rate_interval]))'), 'joined'],
      [rare('sum(rate(parley_voice_left_total[$__rate_interval]))'), 'left'],
    ]),
    row('Watching'),
    panel('Devices, sessions', 'short', [
      ['sum(parley_watch_devices)', 'devices'],
      ['sum(parley_watch_sessions)', 'sessions'],
    ]),
    panel('Requests to watch', 'cps', [[rare(rateBy('parley_watch_requests_total', 'result')), '{{result}}']]),
    panel('Signals by outcome', 'cps', [[rare(rateBy('parley_watch_signals_total', 'outcome')), '{{outcome}}']]),
    panel('Sessions ended', 'cps', [[rare(rateBy('parley_watch_ended_total', 'reason')), '{{reason}}']]),
    panel('Devices that said who they are', 'cps', [
      [rare(rateBy('parley_watch_device_authentications_total', 'result')), '{{result}}'],
    ]),
    panel('Parties of a call that were lost', 'cps', [
      [rare(rateBy('parley_watch_parties_lost_total', 'noticed')), '{{noticed}}'],
    ]),
    row('Parties'),
    panel('Open parties, members', 'short', [
      ['sum(parley_session_open)', 'parties'],
      ['sum(parley_session_members)', 'members'],
    ]),
    panel('Joins by result', 'cps', [[rare(rateBy('parley_session_joins_total', 'result')), '{{result}}']]),
    panel('Closed by reason', 'cps', [[rare(rateBy('parley_session_closed_total', 'reason')), '{{reason}}']]),
    panel('Members left by reason', 'cps', [
      [rare(rateBy('parley_session_members_left_total', 'reason')), '{{reason}}'],
    ]),
    row('Answers'),
    panel('Time to answer, p99 by verb', 's', [
      [quantile('parley_bus_serve_duration_seconds{service_name=~"signaling|session"}', 0.99, 'rpc'), '{{rpc}}'],
    ]),
  ],
);
