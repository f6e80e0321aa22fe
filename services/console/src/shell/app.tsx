import { useMemo, useSyncExternalStore, type ReactNode } from 'react';
import { Account } from '../session/account.js';
import type { ConsoleConfig } from '../session/console-config.js';
import { Network } from '../session/network.js';
import { SignIn } from '../session/sign-in.js';
import { Announcer } from '../ui/announcer.js';
import { Frame } from './frame.js';

/** Who is signed in sees the rooms; who is not signs in. */
export function App({ config }: { readonly config: ConsoleConfig }): ReactNode {
  const { network, account } = useMemo(() => {
    const made = new Network(config.gateways, location.origin);
    return { network: made, account: new Account(made) };
  }, [config]);
  const state = useSyncExternalStore(account.state.subscribe, account.state.get);
  return (
    <>
      {state.phase === 'signed-in' ? (
        <Frame key={state.session.user.id} session={state.session} network={network} account={account} />
      ) : (
        <SignIn account={account} demo={config.demo} reason={state.reason} />
      )}
      <Announcer />
    </>
  );
}
