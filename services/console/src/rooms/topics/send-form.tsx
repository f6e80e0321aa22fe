import { useState, type ReactNode } from 'react';
import { Button } from '../../ui/button.js';
import { Select, TextField } from '../../ui/field.js';
import { payloadOf, type PayloadKind } from './payload.js';
import { PayloadField } from './payload-field.js';

interface SendFormProps {
  readonly label: string;
  readonly placeholder: string;
  readonly verb: string;
  readonly to: string;
  readonly onTo: (to: string) => void;
  /** What is wrong with where it shall go. */
  readonly problem: string | undefined;
  readonly onSend: (to: string, payload: unknown) => void;
}

/** Where to, and what. What was sent stays in the field, for the next that is much like it. */
export function SendForm({ label, placeholder, verb, to, onTo, problem, onSend }: SendFormProps): ReactNode {
  const [kind, setKind] = useState<PayloadKind>('text');
  const [text, setText] = useState('');
  const [tried, setTried] = useState(false);
  const payload = payloadOf(kind, text);
  return (
    <form
      className="topics-form"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (problem !== undefined || payload === undefined) return;
        onSend(to, payload);
        setTried(false);
      }}
    >
      <TextField
        label={label}
        value={to}
        placeholder={placeholder}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        error={tried ? problem : undefined}
        onChange={({ target }) => onTo(target.value.trim())}
      />
      <PayloadField
        kind={kind}
        text={text}
        onText={setText}
        error={tried && payload === undefined ? 'This is not JSON.' : undefined}
      />
      <div className="topics-line">
        <Select
          label="Kind"
          labelHidden
          value={kind}
          onChange={({ target }) => setKind(target.value === 'json' ? 'json' : 'text')}
        >
          <option value="text">Text</option>
          <option value="json">JSON</option>
        </Select>
        <Button type="submit" variant="primary" icon="send">
          {verb}
        </Button>
      </div>
    </form>
  );
}
