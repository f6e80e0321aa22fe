import { newUserId } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import {
  connected,
  disconnected,
  graceEnded,
  looksDifferent,
  shown,
  statusChosen,
  unknownUser,
  type PresenceState,
} from './presence-state.js';

const userId = newUserId();
const nobody = unknownUser(userId);
const here = connected(nobody);
const GRACE = 5_000;

describe('coming and going', () => {
  it('shows a user with a connection as online', () => {
    expect(here.visible).toBe('online');
    expect(looksDifferent(nobody, here)).toBe(true);
  });

  it('changes nothing for a second connection', () => {
    expect(connected(here)).toBe(here);
  });

  it('keeps showing a user until the grace is over', () => {
    const left = disconnected(here, 1_000, GRACE);
    expect(looksDifferent(here, left)).toBe(false);
    expect(graceEnded(left, 5_999)).toBe(left);
    const gone = graceEnded(left, 6_000);
    expect(shown(gone, 9_000)).toEqual({ userId, status: 'offline', lastSeen: 1_000, metadata: {} });
  });

  it('takes a leaving back when they return within the grace', () => {
    const back = connected(disconnected(here, 1_000, GRACE));
    expect(looksDifferent(here, back)).toBe(false);
    expect(graceEnded(back, 100_000)).toBe(back);
  });

  it('is offline at once without a grace', () => {
    expect(disconnected(here, 1_000, 0).visible).toBe('offline');
  });
});

describe('a chosen status', () => {
  const idle = statusChosen(here, { status: 'idle', metadata: { device: 'web' } }, true, 2_000);

  it('is seen, with its metadata', () => {
    expect(shown(idle, 3_000)).toEqual({ userId, status: 'idle', lastSeen: 3_000, metadata: { device: 'web' } });
  });

  it('survives reconnects, and so does the metadata', () => {
    const gone = graceEnded(disconnected(idle, 4_000, GRACE), 9_000);
    expect(shown(connected(gone), 10_000)).toMatchObject({ status: 'idle', metadata: { device: 'web' } });
  });

  it('is not seen while nobody is connected', () => {
    const chosen = statusChosen(nobody, { status: 'dnd' }, false, 2_000);
    expect(shown(chosen, 2_000)).toEqual(shown(nobody, 2_000));
    expect(connected(chosen).visible).toBe('dnd');
  });

  it('is seen within the grace, which goes on', () => {
    const left = disconnected(here, 1_000, GRACE);
    const chosen = statusChosen(left, { status: 'dnd' }, false, 2_000);
    expect(chosen).toMatchObject({ visible: 'dnd', graceUntil: 6_000 });
    expect(graceEnded(chosen, 6_000).visible).toBe('offline');
  });

  it('is announced when only metadata changed, and not when nothing did', () => {
    const same = statusChosen(idle, { status: 'idle', metadata: { device: 'web' } }, true, 3_000);
    const other = statusChosen(idle, { status: 'idle', metadata: { device: 'phone' } }, true, 3_000);
    expect(looksDifferent(idle, same)).toBe(false);
    expect(looksDifferent(idle, other)).toBe(true);
  });
});

describe('the invisible', () => {
  const invisible = statusChosen(here, { status: 'offline', metadata: { mood: 'hidden' } }, true, 7_000);

  it('look like the offline', () => {
    expect(shown(invisible, 9_000)).toEqual({ userId, status: 'offline', lastSeen: 7_000, metadata: {} });
  });

  it('give nothing away by what they do', () => {
    let state: PresenceState = invisible;
    state = connected(state);
    state = disconnected(state, 8_000, GRACE);
    state = graceEnded(state, 20_000);
    state = statusChosen(state, { status: 'offline', metadata: { mood: 'still hidden' } }, true, 21_000);
    state = connected(state);
    expect(looksDifferent(invisible, state)).toBe(false);
    expect(shown(state, 30_000)).toEqual(shown(invisible, 30_000));
  });

  it('are gone at once when they hide within the grace', () => {
    const hidden = statusChosen(disconnected(here, 1_000, GRACE), { status: 'offline' }, false, 2_000);
    expect(hidden).toMatchObject({ visible: 'offline', graceUntil: undefined });
  });

  it('appear when they choose to', () => {
    expect(statusChosen(invisible, { status: 'online' }, true, 9_000).visible).toBe('online');
  });
});
