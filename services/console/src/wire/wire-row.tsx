import { useState, type ReactNode } from 'react';
import type { SpecRules } from '../../rules/spec-rules.js';
import { announce } from '../ui/announcer.js';
import { Button } from '../ui/button.js';
import { Icon } from '../ui/icon.js';
import { binaryMeaning } from './binary-meaning.js';
import { rulesFor } from './rules-for.js';
import type { WireFrame, WireNote } from './wire-frame.js';
import { hexOf, prettyOf, textOf } from './wire-text.js';

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

function stamp(at: number): string {
  return `${clock.format(at)}.${String(at % 1_000).padStart(3, '0')}`;
}

/** One frame: its type, its rules, and all of it when opened. */
export function FrameRow({ frame, rules }: { readonly frame: WireFrame; readonly rules: SpecRules }): ReactNode {
  const [open, setOpen] = useState(false);
  const followed = rulesFor(rules, frame.dialect, frame.direction, frame.type);
  const outward = frame.direction === 'out';
  return (
    <li className="wire-row" data-direction={frame.direction} data-type={frame.type}>
      <button type="button" className="wire-line" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className={`wire-arrow wire-${frame.direction}`}>
          <Icon name={outward ? 'arrow-up' : 'arrow-down'} size={14} />
          <span className="visually-hidden">{outward ? 'out' : 'in'}</span>
        </span>
        <span className="wire-time">{stamp(frame.at)}</span>
        <span className="wire-type">{frame.type}</span>
        {frame.replayed > 0 && <span className="badge badge-accent">replayed</span>}
        <span className="wire-rules">
          {followed.slice(0, 2).map(({ id }) => (
            <span key={id} className="wire-rule-id">
              {id}
            </span>
          ))}
        </span>
        <span className="wire-peek">{frame.text ?? hexOf(frame.bytes)}</span>
      </button>
      {open && <Details frame={frame} rules={followed} />}
    </li>
  );
}

function Details({
  frame,
  rules,
}: {
  readonly frame: WireFrame;
  readonly rules: ReturnType<typeof rulesFor>;
}): ReactNode {
  const meaning = frame.bytes === undefined ? undefined : binaryMeaning(frame.dialect, frame.bytes);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(frame.text ?? textOf(frame));
    announce('The frame was copied');
  };
  return (
    <div className="wire-details">
      {meaning !== undefined && <p className="wire-meaning">{meaning}</p>}
      {/* What scrolls must be reachable by keyboard. */}
      <pre tabIndex={0} aria-label="The frame">
        {frame.text === undefined ? hexOf(frame.bytes) : prettyOf(frame.text)}
      </pre>
      <dl className="wire-followed" aria-label={`Rules of ${frame.dialect}`}>
        {rules.map(({ id, text, section }) => (
          <div key={id}>
            <dt title={section}>
              {frame.dialect} {id}
            </dt>
            <dd>{text.replaceAll('`', '')}</dd>
          </div>
        ))}
      </dl>
      <Button size="small" icon="copy" onClick={() => void copy()}>
        Copy frame
      </Button>
    </div>
  );
}

export function NoteRow({ note }: { readonly note: WireNote }): ReactNode {
  return (
    <li className={`wire-note wire-note-${note.what}`} data-what={note.what}>
      <span className="wire-time">{stamp(note.at)}</span>
      <span>
        {note.dialect === undefined ? '' : `${note.dialect}: `}
        {note.text}
      </span>
    </li>
  );
}
