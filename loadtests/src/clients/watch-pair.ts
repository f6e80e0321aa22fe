import { Counter, Trend } from 'k6/metrics';
import type { User } from '../lib/accounts.js';
import { Bell } from '../lib/bell.js';
import { textIn } from '../lib/json.js';
import { checked, complain, zero } from '../lib/measures.js';
import { pause } from '../lib/rest.js';
import { Returning } from '../lib/returning.js';
import { perSecond, urls } from '../lib/settings.js';
import { registerDevice, SDP, WatchDevice, WatchViewer } from './watch.js';

/** From `watch_request` to the device's answer at the viewer. */
const setupMs = new Trend('parley_watch_setup_ms', true);
const sessions = new Counter('parley_watch_sessions');
const STEP_MS = 15_000;
const AGAIN_MS = 250;
const TRIES = 20;

/** A device and who watches it, on two gateways where there are two: sessions, one after the other, until `over`. */
export async function watchSessions(owner: User, index: number, over: () => boolean): Promise<void> {
  zero();
  const device = await registerDevice(owner, `cam-${Date.now().toString(36)}-${index}`);
  const camera = new WatchDevice(device);
  const viewer = new WatchViewer(owner);
  const clients = [new Returning(urls, index, camera), new Returning(urls, index + 1, viewer)];
  await Promise.all(clients.map((client) => client.start()));
  do {
    const begun = Date.now();
    await oneSession(camera, viewer, device.id);
    await pause(begun + 1_000 / perSecond - Date.now());
  } while (!over());
  checked.add(1, { dialect: 'watch' });
  for (const client of clients) client.stop();
}

async function oneSession(camera: WatchDevice, viewer: WatchViewer, deviceId: string): Promise<void> {
  const begun = Date.now();
  const bell = new Bell();
  camera.changed = () => bell.ring();
  const heard = { session: '', answered: false, ended: false, refusals: 0, refusal: '' };
  viewer.listener = (message) => {
    if (message.type === 'watch_ready') heard.session = message.payload.session_id;
    else if (message.type === 'signal_answer') {
      heard.answered = true;
      if (textIn(message.payload.sdp, 'sdp') !== SDP) complain('watch: an answer was changed on its way');
    } else if (message.type === 'watch_ended') heard.ended = message.payload.session_id === heard.session;
    else if (message.type === 'error') {
      heard.refusals += 1;
      heard.refusal = message.payload.message;
    }
    bell.ring();
  };
  const step = async (say: () => void, done: () => boolean, what: string): Promise<boolean> => {
    for (let tries = 0; tries < TRIES; tries++) {
      const refusals = heard.refusals;
      say();
      const answered = await bell.until(() => done() || heard.refusals > refusals, STEP_MS);
      if (done()) return true;
      if (!answered || !heard.refusal.includes('try again later')) break;
      await pause(AGAIN_MS);
    }
    complain(`watch: no ${what}; ${heard.refusal}`);
    return false;
  };
  if (
    !(await step(
      () => viewer.request(deviceId),
      () => heard.session !== '',
      'watch_ready',
    ))
  )
    return;
  if (
    !(await step(
      () => viewer.offer(heard.session),
      () => heard.answered,
      'answer',
    ))
  )
    return;
  setupMs.add(Date.now() - begun);
  if (!camera.asked.has(heard.session)) complain('watch: an offer came before the request');
  if (
    !(await step(
      () => viewer.end(heard.session),
      () => heard.ended,
      'end',
    ))
  )
    return;
  if (!(await bell.until(() => camera.ended.has(heard.session), STEP_MS)))
    complain('watch: the device was not told of the end');
  sessions.add(1);
}
