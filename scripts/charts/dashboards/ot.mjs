// @ts-check
import { dashboard, panel, perPod, quantile, quantiles, rare, rateBy, row } from './parts.mjs';

export const ot = dashboard('ot', 'Parley: OT', 'Documents, operations, and how they are committed.', [
  row('Operations'),
  panel('Operations by result', 'ops', [[rare(rateBy('parley_rooms_operations_total', 'result')), '{{result}}']]),
  panel('Commit: p50 p99 p99.9', 's', quantiles('parley_rooms_commit_seconds')),
  panel('Operations per commit', 'short', [
    [quantile('parley_rooms_batch', 0.5), 'p50'],
    [quantile('parley_rooms_batch', 0.99), 'p99'],
  ]),
  panel('Commits', 'ops', [[rare('sum(rate(parley_rooms_commits_total[$__rate_interval]))'), 'transactions']]),
  panel('Batches that were not committed as staged', 'ops', [
    [rare(rateBy('parley_rooms_setbacks_total', 'reason')), '{{reason}}'],
  ]),
  panel('Committed and not announced', 'bytes', perPod('sum by (instance) (parley_rooms_unannounced_bytes)')),
  row('Documents'),
  panel('Documents in memory', 'short', perPod('sum by (instance) (parley_rooms_documents)')),
  panel('Their size', 'bytes', perPod('sum by (instance) (parley_rooms_documents_size_bytes)')),
  panel('Rooms open, participants', 'short', [
    ['sum(parley_rooms_open)', 'rooms'],
    ['sum(parley_rooms_participants)', 'participants'],
  ]),
  panel('Joins by result', 'cps', [[rare(rateBy('parley_rooms_joins_total', 'result')), '{{result}}']]),
  panel('Loaded, snapshots, pruned', 'cps', [
    [rare('sum(rate(parley_rooms_loads_total[$__rate_interval]))'), 'documents loaded'],
    [rare('sum(rate(parley_rooms_snapshots_total[$__rate_interval]))'), 'snapshots'],
    [rare('sum(rate(parley_rooms_pruned_total[$__rate_interval]))'), 'operations pruned'],
  ]),
  panel('Submit, p99 as gateways see it', 's', [
    [quantile('parley_bus_call_duration_seconds{rpc="rooms.submit"}', 0.99), 'p99'],
  ]),
]);
