import type { PartyMember } from '@parley/client';
import { useState, type ReactNode, type SyntheticEvent } from 'react';
import { Button } from '../../ui/button.js';
import { TextField } from '../../ui/field.js';
import { Icon } from '../../ui/icon.js';
import { Panel } from '../../ui/room-page.js';
import { Avatar, Badge, Time } from '../../ui/small.js';
import { ErrorNote } from '../../ui/states.js';
import { useAction } from '../../ui/use-action.js';
import { statusText, statusTones } from './party-words.js';

interface Props {
  readonly members: readonly PartyMember[];
  /** This client's own. */
  readonly memberId: string;
  readonly isHost: boolean;
  /** False: as it was when the connection broke. */
  readonly isLive: boolean;
  readonly latency: number | undefined;
  readonly onKick: (memberId: string, reason: string | undefined) => Promise<void>;
}

/** Everybody in the party, how well they are connected, and for the host, the way out for each. */
export function MembersTable({ members, memberId, isHost, isLive, latency, onKick }: Props): ReactNode {
  const [leaving, setLeaving] = useState<string>();
  const columns = isHost ? 5 : 4;
  return (
    <Panel
      title={`Members (${String(members.length)})`}
      className="party-members"
      actions={
        <span className="soft small">{isLive ? roundTripText(latency) : 'as it was when the connection broke'}</span>
      }
    >
      <div className="scroll-x" role="region" aria-label="Members" tabIndex={0}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Connection</th>
              <th scope="col">Latency</th>
              <th scope="col" className="member-since">
                Joined
              </th>
              {isHost && (
                <th scope="col">
                  <span className="visually-hidden">Remove</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {members.map((member) => [
              <MemberRow
                key={member.id}
                member={member}
                isMe={member.id === memberId}
                canKick={isHost && isLive}
                hasAction={isHost}
                onKick={() => setLeaving(member.id)}
              />,
              leaving === member.id && (
                <tr key={`${member.id} leaving`}>
                  <td colSpan={columns}>
                    <KickForm
                      name={member.name}
                      onKick={(reason) => onKick(member.id, reason)}
                      onDone={() => setLeaving(undefined)}
                    />
                  </td>
                </tr>
              ),
            ])}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function roundTripText(latency: number | undefined): string {
  return latency === undefined ? 'measuring' : `${String(Math.round(latency))} ms to the server and back`;
}

interface RowProps {
  readonly member: PartyMember;
  readonly isMe: boolean;
  readonly hasAction: boolean;
  readonly canKick: boolean;
  readonly onKick: () => void;
}

function MemberRow({ member, isMe, hasAction, canKick, onKick }: RowProps): ReactNode {
  const { id, name, isHost, connectionStatus, joinedAt, latency } = member;
  return (
    <tr data-member={id}>
      <td>
        <span className="member-name">
          <Avatar name={name} size={28} />
          <span className="anyhow">{name}</span>
          {isHost && (
            <span className="member-host">
              <Icon name="crown" size={16} />
              host
            </span>
          )}
          {isMe && <span className="soft small">you</span>}
        </span>
      </td>
      <td>
        <Badge tone={statusTones[connectionStatus]}>{statusText(connectionStatus)}</Badge>
      </td>
      <td className="member-latency">{latency === undefined ? '–' : `${String(latency)} ms`}</td>
      <td className="member-since">
        <Time at={joinedAt} />
      </td>
      {hasAction && (
        <td className="member-action">
          {!isHost && (
            <Button size="small" variant="danger" disabled={!canKick} onClick={onKick} aria-label={`Remove ${name}`}>
              Remove
            </Button>
          )}
        </td>
      )}
    </tr>
  );
}

interface KickProps {
  readonly name: string;
  readonly onKick: (reason: string | undefined) => Promise<void>;
  readonly onDone: () => void;
}

/** What the protocol takes for a reason. */
export const MAX_REASON = 200;

function KickForm({ name, onKick, onDone }: KickProps): ReactNode {
  const [reason, setReason] = useState('');
  const kick = useAction(onKick);
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    if (await kick.run(reason.trim() === '' ? undefined : reason.trim())) onDone();
  };
  return (
    <form className="party-line" onSubmit={(event) => void submit(event)}>
      <TextField
        label={`Why ${name} has to go (they are told)`}
        value={reason}
        maxLength={MAX_REASON}
        onChange={({ target }) => setReason(target.value)}
        autoComplete="off"
        autoFocus
      />
      <span className="row">
        <Button type="submit" variant="danger" busy={kick.busy}>
          Remove from the party
        </Button>
        <Button variant="quiet" onClick={onDone}>
          Cancel
        </Button>
      </span>
      {kick.error !== undefined && <ErrorNote error={kick.error} onDismiss={kick.forget} />}
    </form>
  );
}
