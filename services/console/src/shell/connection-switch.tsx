import { useSyncExternalStore, type ReactNode } from 'react';
import type { Network } from '../session/network.js';
import { announce } from '../ui/announcer.js';
import { Button } from '../ui/button.js';
import type { WireDialect } from '../wire/wire-frame.js';

interface Props {
  readonly network: Network;
  readonly dialect: WireDialect | undefined;
}

/** Which gateway is in use, a way to another, and a way to lose it; and what came back afterwards. */
export function ConnectionSwitch({ network, dialect }: Props): ReactNode {
  const { origin, online } = useSyncExternalStore(network.state.subscribe, network.state.get);
  const toggle = (): void => {
    if (online) network.cut();
    else network.restore();
    announce(online ? 'The connection is cut' : 'The connection is restored');
  };
  return (
    <div className="switch">
      <GatewayChoice network={network} origin={origin} />
      <Button
        size="small"
        variant={online ? 'secondary' : 'primary'}
        icon={online ? 'cut' : 'link'}
        onClick={toggle}
        title={online ? 'As if the network had gone: sockets end, nothing gets through' : 'The network is back'}
      >
        {online ? 'Cut connection' : 'Restore connection'}
      </Button>
      <Replayed network={network} dialect={dialect} />
    </div>
  );
}

function GatewayChoice({ network, origin }: { readonly network: Network; readonly origin: string }): ReactNode {
  const { gateways } = network;
  if (gateways.length < 2) {
    return (
      <span className="switch-gateway">
        Gateway <b>{hostOf(origin)}</b>
      </span>
    );
  }
  return (
    <label className="switch-gateway">
      <span>Gateway</span>
      <select
        className="input input-small"
        aria-label="Gateway"
        value={origin}
        onChange={({ target }) => network.move(target.value)}
      >
        {gateways.map((one, index) => (
          <option key={one} value={one}>
            {index + 1}: {hostOf(one)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Of the dialect's last reconnect; nothing before the first. */
function Replayed({ network, dialect }: Props): ReactNode {
  const replays = useSyncExternalStore(network.log.replays.subscribe, network.log.replays.get);
  const last = replays.find((one) => one.dialect === dialect);
  return (
    <p className="switch-replayed" role="status" data-happenings={last?.happenings}>
      {last === undefined ? '' : replayedText(last.happenings, last.frames)}
    </p>
  );
}

function replayedText(happenings: number, frames: number): string {
  if (happenings === 0) return 'Back. Nothing was missed.';
  const things = happenings === 1 ? '1 missed event was' : `${String(happenings)} missed events were`;
  return `Back. ${things} replayed, in ${frames === 1 ? '1 frame' : `${String(frames)} frames`}.`;
}

function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : origin;
}
