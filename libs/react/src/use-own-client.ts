import { CollaborativeClient, type ClientConfig, type UrlProvider } from '@parley/client';
import { useEffect, useRef, useState } from 'react';
import { ClientStore } from './client-store.js';

export interface ParleyConfig extends ClientConfig {
  /** Joined as soon as there is a connection, and left when the component goes. */
  readonly room?: string | undefined;
}

interface Held {
  readonly url: UrlProvider;
  readonly store: ClientStore;
}

/**
 * A client that lives as long as the component. Making one touches nothing, so render stays pure; it connects in an effect.
 * StrictMode's connecting, disconnecting and connecting again opens one socket. Another `url` is another client; of
 * the rest of `config` only the newest token provider is taken over.
 */
export function useOwnClient(config: ParleyConfig | undefined): ClientStore | undefined {
  const token = useRef(config?.token);
  useEffect(() => {
    token.current = config?.token;
  });
  const make = (given: ParleyConfig): Held => {
    const newest = async (): Promise<string> => {
      const provider = token.current ?? given.token;
      return typeof provider === 'string' ? provider : provider();
    };
    return { url: given.url, store: new ClientStore(new CollaborativeClient({ ...given, token: newest })) };
  };
  const [held, setHeld] = useState(() => (config === undefined ? undefined : make(config)));
  if (config !== undefined && held?.url !== config.url) setHeld(make(config));

  const client = held?.store.client;
  const room = config?.room;
  // Before the effect that connects, so that it is undone first: the room is left while there still is a connection.
  useEffect(() => {
    if (client === undefined || room === undefined) return;
    // What goes wrong is told by the client's status and `roomLost`.
    client.joinRoom(room).catch(() => undefined);
    return () => client.leaveRoom(room);
  }, [client, room]);
  useEffect(() => {
    if (client === undefined) return;
    client.connect().catch(() => undefined);
    return () => client.disconnect();
  }, [client]);
  return held?.store;
}
