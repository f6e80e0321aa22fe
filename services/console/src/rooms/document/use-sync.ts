import type { Room } from '@parley/client';
import { useEffect, useReducer, useState } from 'react';
import { announce } from '../../ui/announcer.js';
import { nextSync, OPENING, resumedText, type SyncState } from './sync-state.js';
import { textOperationOf } from './text/text-operation.js';

export interface Sync {
  readonly state: SyncState;
  /** What the last resume brought has been read. */
  readonly read: () => void;
}

/** How the room's document stands to the server's, from now on. */
export function useSync(room: Room): Sync {
  const [state, dispatch] = useReducer(nextSync, OPENING);
  useEffect(() => {
    const { version, pending } = room.document;
    dispatch({ kind: 'document', version, pending });
    dispatch({ kind: 'status', status: room.status });
    const stops = [
      room.on('status', (status) => dispatch({ kind: 'status', status })),
      room.on('document', (now) => dispatch({ kind: 'document', version: now.version, pending: now.pending })),
      room.on('change', ({ origin }) => origin !== 'remote' && dispatch({ kind: 'edit' })),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [room]);
  const { phase, resumed } = state;
  useEffect(() => {
    // Once, when it begins: not for every change that is added.
    if (phase === 'offline') announce('Offline. Changes are kept for when the connection is back.');
  }, [phase]);
  useEffect(() => {
    if (resumed !== undefined) announce(resumedText(resumed));
  }, [resumed]);
  return { state, read: () => dispatch({ kind: 'read' }) };
}

export interface Refusal {
  readonly key: number;
  readonly error: Error;
  /** What was to be changed, as far as it can be shown. */
  readonly lost: string;
}

const SHOWN = 5;

/** Changes that the server, or the document itself, has refused; the newest few. */
export function useRefusals(room: Room): { readonly refusals: readonly Refusal[]; readonly forget: () => void } {
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  useEffect(
    () =>
      room.on('rejected', ({ operation, error }) =>
        setRefusals((before) => [
          ...before.slice(1 - SHOWN),
          { key: (before.at(-1)?.key ?? 0) + 1, error, lost: textIn(operation) },
        ]),
      ),
    [room],
  );
  return { refusals, forget: () => setRefusals([]) };
}

/** What it would have inserted into a text; whoever wrote it may want it. */
function textIn(operation: unknown): string {
  const parts = textOperationOf(operation) ?? [];
  return parts
    .filter((part) => typeof part === 'string')
    .join(' ')
    .trim();
}
