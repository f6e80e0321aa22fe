import { Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import type { Account } from '../session/account.js';
import type { ConsoleSession } from '../session/console-session.js';
import type { Network } from '../session/network.js';
import { Button, IconButton } from '../ui/button.js';
import { Icon } from '../ui/icon.js';
import { Avatar } from '../ui/small.js';
import { Loading } from '../ui/states.js';
import { WireDrawer } from '../wire/wire-drawer.js';
import { ConnectionSwitch } from './connection-switch.js';
import { ErrorBoundary } from './error-boundary.js';
import { Nav } from './nav.js';
import { fetchOthers, places } from './places.js';
import { go, useRoute } from './route.js';
import { ThemeButton } from './theme-button.js';

interface Props {
  readonly session: ConsoleSession;
  readonly network: Network;
  readonly account: Account;
}

/** What stands around every room. */
export function Frame({ session, network, account }: Props): ReactNode {
  const { place: path } = useRoute();
  const place = places.find((one) => one.path === path) ?? places[0];
  const [wireOpen, setWireOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!places.some((one) => one.path === path)) go('chat', [], { replace: true });
  }, [path]);
  useEffect(fetchOthers, []);
  useEntered(main, place?.path ?? path);
  if (place === undefined) return null;
  const { Room } = place;
  return (
    <div className="frame" data-wire={wireOpen ? 'open' : 'shut'}>
      <a className="skip" href="#main" onClick={(event) => focusOn(event, main.current)}>
        Skip to the room
      </a>
      <header className="top">
        <p className="brand">
          <span className="brand-mark">
            <Icon name="chat" size={16} />
          </span>
          Parley
        </p>
        <ConnectionSwitch network={network} dialect={place.dialect} />
        <div className="top-end">
          <Button size="small" icon="wire" aria-pressed={wireOpen} onClick={() => setWireOpen(!wireOpen)}>
            Wire
          </Button>
          <ThemeButton />
          <span className="me">
            <Avatar name={session.user.username} size={26} />
            <span className="me-name">{session.user.username}</span>
          </span>
          <IconButton icon="sign-out" label="Sign out" onClick={() => void account.signOut()} />
        </div>
      </header>
      <Nav current={place.path} />
      <main ref={main} id="main" className="main" tabIndex={-1}>
        <ErrorBoundary key={place.path}>
          <Suspense fallback={<Loading label={`Opening ${place.title}`} />}>
            <Room session={session} />
          </Suspense>
        </ErrorBoundary>
      </main>
      {wireOpen && <WireDrawer log={network.log} dialect={place.dialect} onClose={() => setWireOpen(false)} />}
    </div>
  );
}

/** Entering another room moves the focus there, as a page that loads would; the first one leaves it alone. */
function useEntered(main: { readonly current: HTMLElement | null }, path: string): void {
  const before = useRef(path);
  useEffect(() => {
    document.title = `${places.find((one) => one.path === path)?.title ?? 'Parley'} · Parley console`;
    if (before.current === path) return;
    before.current = path;
    main.current?.focus({ preventScroll: true });
    main.current?.scrollTo(0, 0);
  }, [main, path]);
}

/** The address is the router's, so the link only moves the focus. */
function focusOn(event: { preventDefault(): void }, element: HTMLElement | null): void {
  event.preventDefault();
  element?.focus();
}
