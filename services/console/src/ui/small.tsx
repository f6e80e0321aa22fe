import type { ReactNode } from 'react';

export type Tone = 'good' | 'busy' | 'bad' | 'idle' | 'accent';

export function Badge({ tone = 'idle', children }: { readonly tone?: Tone; readonly children: ReactNode }): ReactNode {
  return <span className={`badge badge-${tone}`}>{children}</span>;
}

/** A coloured point; `label` says what it means. */
export function StatusDot({ tone, label }: { readonly tone: Tone; readonly label: string }): ReactNode {
  return <span className={`dot dot-${tone}`} role="img" aria-label={label} title={label} />;
}

/** Initials on a colour of their own, the same for the same name everywhere. */
export function Avatar({ name, size = 32 }: { readonly name: string; readonly size?: number }): ReactNode {
  return (
    <span className={`avatar tint-${String(tintOf(name))}`} style={{ width: size, height: size }} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}

const TINTS = 8;

/** 0 to 7: a person's colour, as CSS has it in `.tint-N`. */
export function tintOf(name: string): number {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 9_973;
  return hash % TINTS;
}

function initialsOf(name: string): string {
  const letters = Array.from(name.trim());
  return letters.slice(0, 2).join('').toUpperCase();
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** The time of day, and the whole date for who rests on it. */
export function Time({ at }: { readonly at: number | string }): ReactNode {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return null;
  return (
    <time dateTime={date.toISOString()} title={whole.format(date)}>
      {clock.format(date)}
    </time>
  );
}
