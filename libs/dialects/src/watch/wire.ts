import type { Wire } from '../wire.js';
import * as down from './down.js';
import { closeCode } from './errors.js';
import { examples } from './examples.js';
import { fromDevice, fromViewer } from './up.js';

const device = { endpoint: '/ws/device' } as const;
const viewer = { endpoint: '/ws/viewer' } as const;

export const wire: Wire = {
  title: 'Watch: cameras and their viewers',
  summary: 'Signalling between devices that film and people who watch; the pictures go from one to the other.',
  up: {
    device_hello: {
      ...device,
      schema: fromDevice.hello,
      summary: 'A device says who it is.',
      rules: ['HL2', 'HL3', 'HL4', 'HL9', 'HL10'],
      answers: ['device_hello_ack', 'error'],
    },
    viewer_hello: {
      ...viewer,
      schema: fromViewer.hello,
      summary: 'A viewer says who they are.',
      rules: ['HL5', 'HL6', 'HL9', 'HL15'],
      answers: ['viewer_hello_ack', 'error'],
    },
    heartbeat: {
      schema: fromDevice.heartbeat,
      summary: 'Asks for a sign of life.',
      rules: ['FM3'],
      answers: ['heartbeat_ack', 'error'],
    },
    watch_request: {
      ...viewer,
      schema: fromViewer.watch_request,
      summary: 'Wants to see a device.',
      rules: ['WT1', 'WT2', 'WT11'],
      answers: ['watch_ready', 'error'],
    },
    end_watch: {
      ...viewer,
      schema: fromViewer.end_watch,
      summary: 'Has seen enough.',
      rules: ['WT5'],
      answers: ['watch_ended', 'error'],
    },
    signal_offer: {
      ...viewer,
      schema: fromViewer.signal_offer,
      summary: 'The viewer’s offer.',
      rules: ['WT3', 'WT4', 'WT16'],
      answers: ['error'],
    },
    signal_answer: {
      ...device,
      schema: fromDevice.signal_answer,
      summary: 'The device’s answer.',
      rules: ['WT3', 'WT4', 'WT16'],
      answers: ['error'],
    },
    signal_ice: {
      schema: fromDevice.signal_ice,
      summary: 'A candidate of either; null: there are no more.',
      rules: ['WT3', 'WT4', 'WT10', 'WT16'],
      answers: ['error'],
    },
    device_presence: {
      ...device,
      schema: fromDevice.device_presence,
      summary: 'What the device says of itself; not answered.',
      rules: ['WT8'],
      answers: ['error'],
    },
    auth: {
      ...viewer,
      schema: fromViewer.auth,
      summary: '† A fresh token for the same user.',
      rules: ['HL13'],
      answers: ['auth_ack', 'error'],
    },
  },
  down: {
    device_hello_ack: { ...device, schema: down.DeviceHelloAck, summary: 'The device is known.', rules: ['HL2'] },
    viewer_hello_ack: { ...viewer, schema: down.ViewerHelloAck, summary: 'The viewer is known.', rules: ['HL5'] },
    heartbeat_ack: { schema: down.HeartbeatAck, summary: 'Answers heartbeat.', rules: ['FM3'] },
    watch_request: {
      ...device,
      schema: down.WatchRequested,
      summary: 'Somebody wants to see.',
      rules: ['WT1', 'WT15', 'WT17'],
    },
    watch_ready: { ...viewer, schema: down.WatchReady, summary: 'The session has begun.', rules: ['WT1', 'WT17'] },
    watch_ended: {
      schema: down.WatchEnded,
      summary: 'The session is over.',
      rules: ['WT5', 'WT6', 'WT12', 'WT14', 'WT18'],
    },
    signal_offer: { ...device, schema: down.SignalOffer, summary: 'The viewer’s offer.', rules: ['WT3'] },
    signal_answer: { ...viewer, schema: down.SignalAnswer, summary: 'The device’s answer.', rules: ['WT3'] },
    signal_ice: { schema: down.SignalIce, summary: 'A candidate of the other party.', rules: ['WT3', 'WT10'] },
    device_presence: {
      ...viewer,
      schema: down.PresenceTold,
      summary: '† What a device says of itself.',
      rules: ['WT9'],
    },
    auth_ack: { ...viewer, schema: down.AuthAck, summary: '† Answers auth.', rules: ['HL13'] },
    error: { schema: down.ErrorMessage, summary: 'A message was not done.', rules: ['FM2', 'FM5', 'WT2', 'WT4'] },
  },
  closes: [
    { code: closeCode.normal, summary: 'a newer connection of the device', rules: ['HL10'] },
    {
      code: closeCode.policy,
      summary:
        'an unknown device, a wrong key, a rejected token or one that has expired, no hello in time, too many connections',
      rules: ['HL4', 'HL6', 'HL8', 'HL11', 'HL14', 'HL16'],
    },
    { code: closeCode.tryAgainLater, summary: 'a hello that cannot be looked into now', rules: ['HL12'] },
    { code: closeCode.internal, summary: 'a hello that meets a fault of ours', rules: ['HL12'] },
  ],
  credentials: [
    { name: 'key', in: 'query', summary: 'A device’s key; it may also come where access tokens come.' },
    { name: 'hello', in: 'message', summary: '`payload.key` of a device’s hello, `payload.token` of a viewer’s.' },
  ],
  examples,
};
