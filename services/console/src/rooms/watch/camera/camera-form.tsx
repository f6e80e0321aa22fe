import { useState, type SubmitEvent, type ReactNode } from 'react';
import { Button } from '../../../ui/button.js';
import { TextField } from '../../../ui/field.js';
import { ErrorNote } from '../../../ui/states.js';
import { useAction } from '../../../ui/use-action.js';
import type { Camera, CameraOff } from './camera.js';
import type { PictureSource } from './picture.js';

interface CameraFormProps {
  readonly camera: Camera;
  readonly state: CameraOff;
  readonly username: string;
}

const SOURCES: readonly { readonly source: PictureSource; readonly label: string }[] = [
  { source: 'camera', label: 'The camera' },
  { source: 'test picture', label: 'A test picture' },
];

/** Registers this browser as a device, or makes it the one again that it was. */
export function CameraForm({ camera, state, username }: CameraFormProps): ReactNode {
  const { kept, error } = state;
  const [fresh, setFresh] = useState(kept === undefined);
  const [source, setSource] = useState<PictureSource>('camera');
  const [name, setName] = useState(`${username}’s browser`);
  const [deviceId, setDeviceId] = useState(() => `browser-${crypto.randomUUID().slice(0, 8)}`);
  const start = useAction(() =>
    kept !== undefined && !fresh
      ? camera.resume(kept, source)
      : camera.register({ deviceId: deviceId.trim(), name: name.trim() }, source),
  );
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void start.run();
  };
  return (
    <form className="panel-body stack" onSubmit={submit} aria-label="Start a camera">
      {error !== undefined && start.error === undefined && <ErrorNote title="The camera was stopped." error={error} />}
      {kept !== undefined && !fresh ? (
        <p>
          This window was <strong className="anyhow">{kept.name}</strong> <code>({kept.deviceId})</code> and still has
          its key.
        </p>
      ) : (
        <div className="watch-fields">
          <TextField
            label="Name"
            maxLength={100}
            required
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
          <TextField
            label="Device id"
            hint="Letters, digits, - and _; unique in the cluster."
            pattern="[A-Za-z0-9_\-]{1,64}"
            maxLength={64}
            required
            spellCheck={false}
            autoCapitalize="none"
            value={deviceId}
            onChange={({ target }) => setDeviceId(target.value)}
          />
        </div>
      )}
      <fieldset className="watch-sources">
        <legend>It shows</legend>
        {SOURCES.map((one) => (
          <label key={one.source}>
            <input type="radio" name="source" checked={source === one.source} onChange={() => setSource(one.source)} />
            {one.label}
          </label>
        ))}
      </fieldset>
      {start.error !== undefined && <ErrorNote title="The camera could not be started." error={start.error} />}
      <div className="row">
        <Button type="submit" variant="primary" icon="watch" busy={start.busy}>
          {kept !== undefined && !fresh ? 'Start it again' : 'Be a camera'}
        </Button>
        {kept !== undefined && (
          <Button variant="quiet" onClick={() => setFresh(!fresh)}>
            {fresh ? 'Be the device of before' : 'Be another device'}
          </Button>
        )}
      </div>
    </form>
  );
}
