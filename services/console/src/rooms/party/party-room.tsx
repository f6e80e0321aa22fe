import { PartyRest } from '@parley/client';
import { useMemo, useState, type ReactNode } from 'react';
import { go, useRoute } from '../../shell/route.js';
import type { RoomProps } from '../room.js';
import { InParty } from './in-party.js';
import { PartyDoor } from './party-door.js';
import { PartyLobby } from './party-lobby.js';
import { PartyPlaces } from './party-places.js';
import './party.css';

/** `#/party` lists parties, `#/party/<id>` is one: its door, or its inside for who has a place. */
export function PartyRoom({ session }: RoomProps): ReactNode {
  const [id] = useRoute().rest;
  const places = useMemo(() => new PartyPlaces(session.user.id), [session]);
  const rest = useMemo(
    () => new PartyRest({ url: () => session.origin, token: session.token, fetch: session.fetch }),
    [session],
  );
  const [seat, setSeat] = useState(places.seat);
  const enter = (sessionId: string, name: string): void => {
    const taken = { sessionId, name };
    places.sit(taken);
    setSeat(taken);
    go('party', [sessionId]);
  };
  const leave = (): void => {
    places.stand();
    setSeat(undefined);
    go('party');
  };
  if (id === undefined) {
    return <PartyLobby session={session} rest={rest} places={places} onEnter={enter} seat={seat} />;
  }
  if (seat?.sessionId !== id) return <PartyDoor key={id} id={id} session={session} rest={rest} onEnter={enter} />;
  return <InParty key={id} seat={seat} session={session} places={places} onLeft={leave} />;
}
