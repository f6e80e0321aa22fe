import { isRecord, matches, type Pattern } from '../../match.js';
import type { Line, MakeFault, Raw } from './fault.js';

/** What to make of a member: another value, or one made of what was there. `undefined` takes it away. */
type Change = unknown;
type Changes = Readonly<Record<string, Change>>;

/** Members of what the server says are others; with no changes it is only written anew, which loses its own bytes. */
export function tells(pattern: Pattern, changes: Changes = {}): MakeFault {
  return () => ({ down: (frame, json) => [matches(pattern, json) ? changed(json, changes) : frame] });
}

/** The same with what the client says, before the server hears it. */
export function hears(pattern: Pattern, changes: Changes = {}): MakeFault {
  return () => ({ up: (frame, json) => [matches(pattern, json) ? changed(json, changes) : frame] });
}

export function neverTells(pattern: Pattern): MakeFault {
  return () => ({ down: (frame, json) => (matches(pattern, json) ? [] : [frame]) });
}

export function neverHears(pattern: Pattern): MakeFault {
  return () => ({ up: (frame, json) => (matches(pattern, json) ? [] : [frame]) });
}

export function tellsOften(pattern: Pattern, times = 2): MakeFault {
  return () => ({
    down: (frame, json) => (matches(pattern, json) ? Array.from({ length: times }, () => frame) : [frame]),
  });
}

/** After the frame that follows it. */
export function tellsLate(pattern: Pattern): MakeFault {
  return () => ({ down: late(pattern) });
}

/** The same with what the client says. */
export function hearsLate(pattern: Pattern): MakeFault {
  return () => ({ up: late(pattern) });
}

function late(pattern: Pattern): (frame: Raw, json: unknown, line: Line) => readonly Raw[] {
  const held = new WeakMap<Line, Raw>();
  return (frame, json, line) => {
    const waiting = held.get(line);
    if (waiting === undefined && matches(pattern, json)) {
      held.set(line, frame);
      return [];
    }
    held.delete(line);
    return waiting === undefined ? [frame] : [frame, waiting];
  };
}

/** Says something else in addition, directly after what matches. */
export function tellsMore(pattern: Pattern, more: unknown): MakeFault {
  return () => ({
    down: (frame, json) => (matches(pattern, json) ? [frame, JSON.stringify(valueOf(more, json))] : [frame]),
  });
}

/** The same, directly before. */
export function tellsFirst(pattern: Pattern, more: unknown): MakeFault {
  return () => ({
    down: (frame, json) => (matches(pattern, json) ? [JSON.stringify(valueOf(more, json)), frame] : [frame]),
  });
}

/** Answers by itself what the server behind does not hear. */
export function answers(pattern: Pattern, answer: unknown): MakeFault {
  return () => ({
    up(frame, json, line) {
      if (!matches(pattern, json)) return [frame];
      line.say(JSON.stringify(valueOf(answer, json)));
      return [];
    },
  });
}

/** What one connection is told, all are. */
export function leaks(pattern: Pattern): MakeFault {
  return () => {
    const lines = new Set<Line>();
    return {
      opened: (line) => lines.add(line),
      down(frame, json, line) {
        if (matches(pattern, json)) for (const other of lines) if (other !== line) other.say(frame);
        return [frame];
      },
    };
  };
}

/** One byte of each binary frame is another: the one at `index`, from the end when negative. */
export function garbles(index: number): MakeFault {
  return () => ({
    down(frame) {
      if (typeof frame === 'string') return [frame];
      const copy = Buffer.from(frame);
      const at = index < 0 ? copy.length + index : index;
      copy[at] = (copy[at] ?? 0) ^ 0x21;
      return [copy];
    },
  });
}

export function closesWith(from: number | 'any', to: number, why?: string): MakeFault {
  return () => ({
    closing: (code, reason) => (from === 'any' || code === from ? [to, why ?? reason] : [code, reason]),
  });
}

/** Ends every connection after a while. */
export function endsAfter(ms: number, code: number): MakeFault {
  return () => ({
    opened(line) {
      line.after(ms, () => {
        line.end(code, 'too soon');
      });
    },
  });
}

/** Refuses messages with members that it does not know. */
export function strictAbout(known: readonly string[], refusal: unknown): MakeFault {
  return () => ({
    up(frame, json, line) {
      if (!isRecord(json) || Object.keys(json).every((name) => known.includes(name))) return [frame];
      line.say(JSON.stringify(refusal));
      return [];
    },
  });
}

/** What was sent under the same id before, on this connection, is taken for a repetition. */
export function confuses(id: (json: unknown) => unknown, answer: (json: unknown) => unknown): MakeFault {
  return () => {
    const seen = new Set<unknown>();
    return {
      up(frame, json, line) {
        const key = id(json);
        if (key === undefined || !seen.has(key)) {
          seen.add(key);
          return [frame];
        }
        line.say(JSON.stringify(answer(json)));
        return [];
      },
    };
  };
}

export function refusesPath(path: string): MakeFault {
  return () => ({ refuses: (asked) => asked === path });
}

/** As the server behind it is. */
export const faultless: MakeFault = () => ({});

function changed(json: unknown, changes: Changes): string {
  const copy: unknown = structuredClone(json);
  for (const [path, change] of Object.entries(changes)) assign(copy, path.split('.'), change);
  return JSON.stringify(copy);
}

function assign(target: unknown, [name = '', ...rest]: readonly string[], change: Change): void {
  if (!isRecord(target)) return;
  if (rest.length > 0) {
    assign(target[name], rest, change);
    return;
  }
  const value = valueOf(change, target[name]);
  if (value === undefined) Reflect.deleteProperty(target, name);
  else target[name] = value;
}

function valueOf(change: Change, before: unknown): unknown {
  if (typeof change !== 'function') return change;
  const made: unknown = Reflect.apply(change, undefined, [before]);
  return made;
}
