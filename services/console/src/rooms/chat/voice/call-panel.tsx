import { useEffect, type ReactNode } from 'react';
import { Button } from '../../../ui/button.js';
import { Panel } from '../../../ui/room-page.js';
import { Badge, type Tone } from '../../../ui/small.js';
import { errorText } from '../../../ui/states.js';
import { useAction } from '../../../ui/use-action.js';
import { useStore } from '../../use-store.js';
import { useChat } from '../chat-context.js';
import { useNames } from '../servers/use-people.js';
import { NoMicrophone } from './microphone.js';
import type { CallPeer } from './voice-call.js';
import type { PeerState } from './voice-peer.js';

/** The call that one is in; or why there is none. */
export function CallPanel(): ReactNode {
  const { call, sounds } = useChat();
  const state = useStore(call.state);
  const blocked = useStore(sounds.blocked);
  useEffect(() => sounds.silence(state.deafened), [sounds, state.deafened]);
  if (state.phase === 'none') return <CallError />;
  return (
    <Panel title="Call" className="chat-call" actions={<CallName />}>
      <div className="chat-call-body">
        {state.phase === 'joining' ? (
          <p className="soft">Joining… the browser may ask for the microphone.</p>
        ) : (
          <Peers />
        )}
        {blocked && (
          <Button size="small" variant="primary" icon="speaker" onClick={() => sounds.unblock()}>
            Play sound
          </Button>
        )}
        <CallButtons />
      </div>
    </Panel>
  );
}

function CallName(): ReactNode {
  const { core, call } = useChat();
  const { channelId, listening } = useStore(call.state);
  const { server } = useStore(core.place);
  const channel = server?.channels.value?.find(({ id }) => id === channelId);
  return (
    <span className="small soft ellipsis">
      {channel?.name ?? 'in another server'}
      {listening && ', listening only'}
    </span>
  );
}

function CallButtons(): ReactNode {
  const { call } = useChat();
  const { muted, deafened, listening, phase } = useStore(call.state);
  const mute = useAction(() => call.mute(!muted));
  const deafen = useAction(() => call.deafen(!deafened));
  const error = mute.error ?? deafen.error;
  return (
    <>
      <div className="row">
        {!listening && (
          <Button size="small" aria-pressed={muted} disabled={phase !== 'in'} onClick={() => void mute.run()}>
            {muted ? 'Muted' : 'Mute'}
          </Button>
        )}
        <Button size="small" aria-pressed={deafened} disabled={phase !== 'in'} onClick={() => void deafen.run()}>
          {deafened ? 'Deafened' : 'Deafen'}
        </Button>
        <Button size="small" variant="danger" onClick={() => void call.leave()}>
          Leave
        </Button>
      </div>
      {error !== undefined && <p className="small field-error">The others were not told: {errorText(error)}</p>}
    </>
  );
}

function Peers(): ReactNode {
  const { core, call } = useChat();
  const { channelId, peers } = useStore(call.state);
  const roster = useStore(core.roster.state);
  const nameOf = useNames();
  const others = [...peers];
  if (others.length === 0) {
    return <p className="small soft">Nobody else is here. Whoever joins is connected to you at once.</p>;
  }
  const states = channelId === undefined ? [] : (roster.get(channelId) ?? []);
  return (
    <ul className="chat-peers" aria-label="In the call with you">
      {others.map(([userId, peer]) => {
        const name = states.find(({ user_id: id }) => id === userId)?.username ?? nameOf(userId);
        return <Peer key={userId} name={name} peer={peer} onRetry={() => call.mend(userId)} />;
      })}
    </ul>
  );
}

const WORDS: Readonly<Record<PeerState, { readonly tone: Tone; readonly text: string }>> = {
  waiting: { tone: 'busy', text: 'Waiting' },
  connecting: { tone: 'busy', text: 'Connecting' },
  connected: { tone: 'good', text: 'Connected' },
  interrupted: { tone: 'busy', text: 'Interrupted' },
  failed: { tone: 'bad', text: 'No path' },
};

interface PeerProps {
  readonly name: string;
  readonly peer: CallPeer;
  readonly onRetry: () => void;
}

function Peer({ name, peer: { state, stats }, onRetry }: PeerProps): ReactNode {
  const { tone, text } = WORDS[state];
  return (
    <li className="chat-peer" data-peer={name} data-state={state} data-packets={stats.packets}>
      <div className="row">
        <span className="ellipsis">{name}</span>
        <Badge tone={tone}>{text}</Badge>
      </div>
      {state === 'failed' ? (
        <p className="small">
          The two browsers found no way to each other.{' '}
          <Button size="small" onClick={onRetry}>
            Try again
          </Button>
        </p>
      ) : (
        <p className="small soft chat-figures">
          <meter min={0} max={1} value={Math.min(1, stats.level * 3)} aria-label={`Level of ${name}`} />
          <span>{stats.packets.toLocaleString()} packets</span>
          {stats.roundTrip !== undefined && <span>{stats.roundTrip} ms</span>}
        </p>
      )}
    </li>
  );
}

/** Why a call did not begin, or ended; without a microphone one can still listen. */
function CallError(): ReactNode {
  const { call } = useChat();
  const { error, tried } = useStore(call.state);
  if (error === undefined) return null;
  return (
    <div className="note note-error chat-call-error" role="alert">
      <p>
        <strong>No call. </strong>
        {errorText(error)}
      </p>
      <span className="row">
        {error instanceof NoMicrophone && tried !== undefined && (
          <Button size="small" onClick={() => void call.join(tried, { listening: true })}>
            Listen only
          </Button>
        )}
        <Button size="small" variant="quiet" onClick={() => call.forget()}>
          Dismiss
        </Button>
      </span>
    </div>
  );
}
