import { useState, type ReactNode, type SubmitEvent } from 'react';
import { Button } from '../ui/button.js';
import { TextField } from '../ui/field.js';
import { Icon } from '../ui/icon.js';
import { ErrorNote } from '../ui/states.js';
import { useAction } from '../ui/use-action.js';
import type { Account } from './account.js';
import type { DemoAccount } from './console-config.js';
import { guestAccount } from './guest.js';

interface Props {
  readonly account: Account;
  readonly demo: readonly DemoAccount[];
  readonly reason: string | undefined;
}

/** Sign in, register, or try it at once. */
export function SignIn({ account, demo, reason }: Props): ReactNode {
  const [mode, setMode] = useState<'sign-in' | 'register'>('sign-in');
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const form = useAction(() =>
    mode === 'sign-in' ? account.signIn(username.trim(), password) : account.register(username.trim(), password),
  );
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void form.run();
  };
  const registering = mode === 'register';
  const title = registering ? 'Create an account' : 'Sign in';
  const change = (): void => {
    form.forget();
    setMode(registering ? 'sign-in' : 'register');
  };
  return (
    <main className="welcome" id="main">
      <div className="welcome-card">
        <p className="brand">
          <span className="brand-mark">
            <Icon name="chat" size={16} />
          </span>
          Parley
        </p>
        <h1>{title}</h1>
        <p className="welcome-intro">
          One cluster, five wire protocols. Try each of them here, and look at the frames while you do.
        </p>
        {reason !== undefined && <ErrorNote error={reason} />}
        <QuickStart account={account} demo={demo} />
        <form onSubmit={submit} className="stack" aria-label={title}>
          <TextField
            label={registering ? 'Username' : 'Username or email'}
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            value={username}
            onChange={({ target }) => setUsername(target.value)}
          />
          <TextField
            label="Password"
            name="password"
            type="password"
            autoComplete={registering ? 'new-password' : 'current-password'}
            required
            {...(registering ? { minLength: 8, hint: 'At least 8 characters.' } : {})}
            value={password}
            onChange={({ target }) => setPassword(target.value)}
          />
          {form.error !== undefined && <ErrorNote error={form.error} />}
          <Button type="submit" variant={demo.length === 0 || registering ? 'primary' : 'secondary'} busy={form.busy}>
            {title}
          </Button>
        </form>
        <p className="welcome-other">
          {registering ? 'You have an account?' : 'No account yet?'}{' '}
          <Button variant="quiet" size="small" onClick={change}>
            {registering ? 'Sign in' : 'Create one'}
          </Button>
        </p>
      </div>
    </main>
  );
}

/** One click: the accounts that the launcher made, or a new one that nobody has to think of. */
function QuickStart({ account, demo }: Omit<Props, 'reason'>): ReactNode {
  const quick = useAction((one: DemoAccount | undefined) => {
    if (one !== undefined) return account.signIn(one.username, one.password);
    const guest = guestAccount();
    return account.register(guest.username, guest.password);
  });
  return (
    <div className="quick">
      {demo.map((one, index) => (
        <Button
          key={one.username}
          variant={index === 0 ? 'primary' : 'secondary'}
          icon="user"
          busy={quick.busy}
          onClick={() => void quick.run(one)}
        >
          Continue as {one.username}
        </Button>
      ))}
      <Button icon="plus" busy={quick.busy} onClick={() => void quick.run(undefined)}>
        Continue as a new guest
      </Button>
      {quick.error !== undefined && <ErrorNote error={quick.error} />}
      <p className="quick-hint">
        Each window is a person of its own: open this page in a second window and continue there as somebody else.
      </p>
    </div>
  );
}
