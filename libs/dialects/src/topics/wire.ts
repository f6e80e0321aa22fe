import type { Wire } from '../wire.js';
import * as down from './down.js';
import { examples } from './examples.js';
import { Extension, up, type UpType } from './up.js';

const always = ['Ack', 'Error'];

export const wire: Wire = {
  title: 'Topics: publish and subscribe',
  summary: 'Broadcasts by topic, direct messages, presence, notifications and binary frames.',
  up: {
    Ping: { schema: up.Ping, summary: 'Asks for a sign of life.', rules: ['UP5'], answers: ['Pong', ...always] },
    Pong: { schema: up.Pong, summary: 'Answers the server’s own Ping.', rules: ['UP5', 'KA1'], answers: always },
    Subscribe: {
      schema: up.Subscribe,
      summary: 'Patterns to listen to; † from which sequence on.',
      rules: ['UP6', 'UP7', 'UP8', 'RC1', 'RC4'],
      answers: ['Subscribed', ...always],
    },
    Unsubscribe: {
      schema: up.Unsubscribe,
      summary: 'Ends subscriptions.',
      rules: ['UP9'],
      answers: ['Unsubscribed', ...always],
    },
    Broadcast: {
      schema: up.Broadcast,
      summary: 'To everyone who listens to a topic.',
      rules: ['UP10', 'UP11', 'UP12', 'UP18', 'UP19'],
      answers: always,
    },
    DirectMessage: {
      schema: up.DirectMessage,
      summary: 'To one user, who gets it later when not connected now.',
      rules: ['UP13', 'UP14', 'UP15', 'UP16', 'UP17'],
      answers: always,
    },
    Presence: {
      schema: up.Presence,
      summary: 'What others see of this user.',
      rules: ['UP21', 'LM4'],
      answers: always,
    },
    History: {
      schema: up.History,
      summary: '† A page of a topic’s past.',
      rules: ['UP23'],
      answers: ['History', ...always],
    },
    Auth: {
      schema: up.Auth,
      summary: '† A fresh token for the same user.',
      rules: ['HS10', 'HS11', 'HS12'],
      answers: ['AuthStatus', ...always],
    },
    BinaryRoute: {
      schema: up.BinaryRoute,
      summary: '† Where binary frames of a type go.',
      rules: ['BN4', 'BN6'],
      answers: ['BinaryRouted', ...always],
    },
    Batch: {
      schema: up.Batch,
      summary: '† Several messages, each handled and answered as if it came alone.',
      rules: ['UP24', 'UP25'],
      answers: always,
    },
    Extension: {
      schema: Extension,
      summary: 'A message that a backend of yours answers, under the same type.',
      rules: ['UP22', 'LM4'],
      answers: ['Extension', ...always],
    },
  } satisfies Record<UpType | 'Extension', unknown>,
  down: {
    Connected: { schema: down.Connected, summary: 'The first message after the login.', rules: ['HS6'] },
    Subscribed: { schema: down.Subscribed, summary: 'Answers Subscribe.', rules: ['UP6', 'DN7', 'RC2', 'RC3'] },
    Unsubscribed: { schema: down.Unsubscribed, summary: 'Subscriptions have ended.', rules: ['UP9', 'HS12'] },
    Ack: { schema: down.Ack, summary: 'A message with an id was done.', rules: ['UP2', 'UP3', 'UP10', 'UP13'] },
    Error: {
      schema: down.ErrorMessage,
      summary: 'A message was not done, or the connection ends.',
      rules: ['ER1', 'ER2', 'LM2'],
    },
    Pong: { schema: down.Pong, summary: 'Answers Ping.', rules: ['UP5'] },
    Ping: { schema: down.Ping, summary: 'Asks a silent client for a sign of life.', rules: ['KA1'] },
    Broadcast: { schema: down.Broadcast, summary: 'What somebody published.', rules: ['DN1', 'DN2', 'DN3', 'UP12'] },
    DirectMessage: { schema: down.DirectMessage, summary: 'For this user alone.', rules: ['DN4', 'HS7'] },
    Notification: { schema: down.Notification, summary: 'From the server.', rules: ['DN5'] },
    Presence: { schema: down.Presence, summary: 'What others see of a user has changed.', rules: ['DN6', 'DN9'] },
    AuthStatus: { schema: down.AuthStatus, summary: 'The token expires soon, or was renewed.', rules: ['HS8', 'HS10'] },
    History: { schema: down.History, summary: '† Answers History.', rules: ['UP23'] },
    BinaryReceived: { schema: down.BinaryReceived, summary: 'Answers a binary frame.', rules: ['BN2'] },
    BinaryRouted: { schema: down.BinaryRouted, summary: '† Answers BinaryRoute.', rules: ['BN4'] },
    Binary: { schema: down.Binary, summary: '† Announces the binary frame that follows directly.', rules: ['BN5'] },
    Extension: { schema: down.Extension, summary: 'What a backend of yours answered.', rules: ['UP22'] },
  },
  binary: {
    BinaryFrame: {
      direction: 'both',
      summary: 'Bytes of one of four types; † routed ones reach their receivers as they were sent.',
      rules: ['BN1', 'BN2', 'BN3', 'BN5'],
      layout: [
        { name: 'type', type: 'uint8', summary: '1 broadcast, 2 direct_message, 3 file_transfer, 4 stream_data' },
        { name: 'length', type: 'uint32', summary: 'bytes of the payload' },
        { name: 'payload', type: 'bytes', summary: 'whatever it is' },
      ],
    },
  },
  closes: [
    {
      code: 1008,
      summary: 'no token, a rejected one, or one that has expired; too many connections',
      rules: ['HS3', 'HS4', 'HS9'],
    },
    { code: 1013, summary: 'the login cannot be completed now', rules: ['HS5'] },
  ],
  examples,
};
