import type { ReactNode } from 'react';
import type { Polled } from '../session/poller.js';
import { Panel } from '../ui/room-page.js';
import { Badge } from '../ui/small.js';
import { ErrorNote, Loading } from '../ui/states.js';
import type { GatewayStats, Stats } from './bodies.js';
import type { RateHistory } from './rates.js';
import { Sparkline } from './sparkline.js';

interface GatewaysPanelProps {
  readonly polled: Polled<Stats>;
  readonly rates: RateHistory;
  readonly nameOf: (gatewayId: string) => string;
}

/** What each gateway does now. */
export function GatewaysPanel({ polled: { value, error }, rates, nameOf }: GatewaysPanelProps): ReactNode {
  return (
    <Panel
      title="Gateways"
      actions={
        value !== undefined && (
          <Badge tone="accent">
            {value.connections === 1 ? '1 connection' : `${String(value.connections)} connections`}
          </Badge>
        )
      }
    >
      {error !== undefined && <ErrorNote title="These numbers may be old." error={error} />}
      {value === undefined ? (
        error === undefined && <Loading label="Asking the gateways" />
      ) : (
        <ul className="operator-gateways">
          {value.gateways.map((gateway) => (
            <Gateway key={gateway.gateway_id} gateway={gateway} rates={rates} name={nameOf(gateway.gateway_id)} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

interface GatewayProps {
  readonly gateway: GatewayStats;
  readonly rates: RateHistory;
  readonly name: string;
}

function Gateway({ gateway, rates, name }: GatewayProps): ReactNode {
  const { gateway_id: id, started_at: startedAt, draining, traffic } = gateway;
  const history = rates.of(id);
  return (
    <li className="operator-gateway" data-gateway={id}>
      <div className="row">
        <h3>{name}</h3>
        {draining ? <Badge tone="busy">draining</Badge> : <Badge tone="good">up {upFor(Date.now() - startedAt)}</Badge>}
        {traffic === undefined && <Badge tone="bad">does not answer</Badge>}
      </div>
      <div className="operator-sparks">
        <Sparkline label="Frames in" values={history.map((one) => one.framesIn)} />
        <Sparkline label="Frames out" values={history.map((one) => one.framesOut)} />
        <Sparkline label="Deliveries" values={history.map((one) => one.deliveries)} />
      </div>
      {traffic !== undefined && (
        <dl className="operator-dialects">
          {traffic.dialects.map(({ dialect, connections }) => (
            <div key={dialect} data-dialect={dialect} data-connections={connections}>
              <dt>{dialect}</dt>
              <dd>{connections}</dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

function upFor(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 60) return `${String(minutes)} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${String(hours)} h` : `${String(Math.floor(hours / 24))} days`;
}
