import type { Device, WatchRest } from '@parley/client';
import { useState, type SubmitEvent, type ReactNode } from 'react';
import type { ConsoleSession } from '../../../session/console-session.js';
import { findPerson, usePersonName } from '../../../session/people.js';
import { announce } from '../../../ui/announcer.js';
import { Button } from '../../../ui/button.js';
import { TextField } from '../../../ui/field.js';
import { Avatar } from '../../../ui/small.js';
import { ErrorNote } from '../../../ui/states.js';
import { useAction } from '../../../ui/use-action.js';

interface ShareFormProps {
  readonly session: ConsoleSession;
  readonly rest: WatchRest;
  readonly device: Device;
  readonly onChanged: () => Promise<void>;
}

/** Who else may watch a device of one's own. */
export function ShareForm({ session, rest, device, onChanged }: ShareFormProps): ReactNode {
  const { device_id: deviceId, device_name: name, shared_with: shared = [] } = device;
  const [who, setWho] = useState('');
  const share = useAction(async () => {
    const person = await findPerson(session, who.trim());
    await rest.share(deviceId, person.id);
    setWho('');
    announce(`${name} is shared with ${person.username}`);
    await onChanged();
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void share.run();
  };
  return (
    <div className="watch-share">
      <form className="row watch-share-form" onSubmit={submit} aria-label={`Share ${name}`}>
        <TextField
          label="Username or user id"
          labelHidden
          placeholder="Username or user id"
          required
          spellCheck={false}
          autoCapitalize="none"
          value={who}
          onChange={({ target }) => setWho(target.value)}
        />
        <Button type="submit" size="small" icon="plus" busy={share.busy}>
          Let them watch
        </Button>
      </form>
      {share.error !== undefined && <ErrorNote title="Not shared." error={share.error} />}
      {shared.length === 0 ? (
        <p className="soft small">Only you may watch it.</p>
      ) : (
        <ul className="watch-viewers" aria-label={`Who may watch ${name}`}>
          {shared.map((userId) => (
            <Shared
              key={userId}
              session={session}
              rest={rest}
              deviceId={deviceId}
              userId={userId}
              onChanged={onChanged}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

interface SharedProps extends Omit<ShareFormProps, 'device'> {
  readonly deviceId: string;
  readonly userId: string;
}

function Shared({ session, rest, deviceId, userId, onChanged }: SharedProps): ReactNode {
  const name = usePersonName(session, userId);
  const take = useAction(async () => {
    await rest.unshare(deviceId, userId);
    await onChanged();
  });
  return (
    <li className="row">
      <Avatar name={name} size={24} />
      <span className="anyhow">{name}</span>
      <Button size="small" variant="quiet" busy={take.busy} onClick={() => void take.run()}>
        Take back<span className="visually-hidden"> from {name}</span>
      </Button>
      {take.error !== undefined && <ErrorNote error={take.error} onDismiss={take.forget} />}
    </li>
  );
}
