import { useDeferredValue, useState, useSyncExternalStore, type ReactNode } from 'react';
import { specRules } from 'virtual:spec-rules';
import { announce } from '../ui/announcer.js';
import { Button, IconButton } from '../ui/button.js';
import { Empty } from '../ui/states.js';
import { FrameRow, NoteRow } from './wire-row.js';
import { matches, type Filter } from './wire-filter.js';
import type { WireDrawerProps } from './wire-props.js';
import { textOf } from './wire-text.js';
import './wire.css';

/** Most rows that are shown at once; the ring holds more, which a filter finds. */
const SHOWN = 150;

export function WireContents({ log, dialect, onClose }: WireDrawerProps): ReactNode {
  const live = useSyncExternalStore(log.entries.subscribe, log.entries.get);
  const [frozen, setFrozen] = useState<typeof live>();
  const [filter, setFilter] = useState<Filter>({ words: '', direction: 'both', only: true });
  const entries = useDeferredValue(frozen ?? live);
  const scope = filter.only ? dialect : undefined;
  const found = entries.filter((entry) => matches(entry, filter, scope));
  const shown = found.slice(-SHOWN).toReversed();
  const copyAll = async (): Promise<void> => {
    await navigator.clipboard.writeText(found.map(textOf).join('\n'));
    announce(`${String(found.length)} entries were copied`);
  };
  return (
    <>
      <header className="wire-head">
        <h2>Wire</h2>
        <span className="wire-count" aria-live="off">
          {found.length} of {entries.length}
        </span>
        <span className="wire-tools">
          <IconButton
            size="small"
            icon={frozen === undefined ? 'pause' : 'play'}
            label={frozen === undefined ? 'Pause' : 'Go on'}
            onClick={() => setFrozen(frozen === undefined ? live : undefined)}
          />
          <IconButton size="small" icon="copy" label="Copy what is shown" onClick={() => void copyAll()} />
          <IconButton size="small" icon="trash" label="Clear" onClick={() => log.clear()} />
          <IconButton size="small" icon="close" label="Close the wire" onClick={onClose} />
        </span>
      </header>
      <FilterBar filter={filter} dialect={dialect} onChange={setFilter} />
      {frozen !== undefined && (
        <p className="wire-paused">
          Paused. What comes meanwhile is kept.{' '}
          <Button size="small" variant="quiet" onClick={() => setFrozen(undefined)}>
            Go on
          </Button>
        </p>
      )}
      {shown.length === 0 ? (
        <Empty title="No frames" icon="wire">
          Newest first, as they cross the wire. {entries.length > 0 && 'The filter lets none of them through.'}
        </Empty>
      ) : (
        <ol className="wire-list" aria-label="Frames, newest first">
          {shown.map((entry) =>
            entry.kind === 'frame' ? (
              <FrameRow key={entry.id} frame={entry} rules={specRules} />
            ) : (
              <NoteRow key={entry.id} note={entry} />
            ),
          )}
        </ol>
      )}
    </>
  );
}

interface FilterBarProps {
  readonly filter: Filter;
  readonly dialect: WireDrawerProps['dialect'];
  readonly onChange: (filter: Filter) => void;
}

function FilterBar({ filter, dialect, onChange }: FilterBarProps): ReactNode {
  return (
    <div className="wire-filter" role="search" aria-label="Filter frames">
      <input
        className="input input-small"
        type="search"
        aria-label="Filter by type or text"
        placeholder="Type or text"
        value={filter.words}
        onChange={({ target }) => onChange({ ...filter, words: target.value })}
      />
      <select
        className="input input-small"
        aria-label="Direction"
        value={filter.direction}
        onChange={({ target }) => onChange({ ...filter, direction: directionOf(target.value) })}
      >
        <option value="both">In and out</option>
        <option value="in">In</option>
        <option value="out">Out</option>
        <option value="replayed">Replayed</option>
      </select>
      {dialect !== undefined && (
        <label className="wire-only">
          <input
            type="checkbox"
            checked={filter.only}
            onChange={({ target }) => onChange({ ...filter, only: target.checked })}
          />
          Only {dialect}
        </label>
      )}
    </div>
  );
}

function directionOf(value: string): Filter['direction'] {
  return value === 'in' || value === 'out' || value === 'replayed' ? value : 'both';
}
