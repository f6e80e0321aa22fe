import type { BinaryWire, Wire } from '../wire.js';
import { messages, type DownType } from './down.js';
import { examples } from './examples.js';
import { up, type UpType } from './up.js';

const done = ['ack', 'error'];

const binaryFrame = {
  direction: 'both',
  layout: [
    { name: 'type', type: 'uint16', summary: '1 cursor, 2 selection' },
    { name: 'user', type: 'uint32', summary: 'numericId of the participant; not believed when a client says it' },
    { name: 'x', type: 'float32', summary: 'of a selection its anchor' },
    { name: 'y', type: 'float32', summary: 'of a selection its head' },
    { name: 'timestamp', type: 'uint32', summary: 'the client’s own; its low 32 bits' },
    { name: 'viewportX', type: 'float32', summary: 'both or neither', optional: true },
    { name: 'viewportY', type: 'float32', summary: 'both or neither', optional: true },
  ],
} as const satisfies Partial<BinaryWire>;

export const wire: Wire = {
  title: 'Collab: shared documents',
  summary: 'Rooms of text and JSON that are edited together, with cursors and selections.',
  up: {
    connect: {
      schema: up.connect,
      summary: 'Logs in.',
      rules: ['HS2', 'HS5', 'HS8', 'HS10'],
      answers: ['connected', ...done],
    },
    join_room: {
      schema: up.join_room,
      summary: 'Enters a room.',
      rules: ['UP4', 'UP5'],
      answers: ['room_joined', ...done],
    },
    leave_room: { schema: up.leave_room, summary: 'Leaves a room.', rules: ['UP6'], answers: done },
    cursor_move: {
      schema: up.cursor_move,
      summary: 'Where the cursor is.',
      rules: ['UP3', 'UP7', 'LM1'],
      answers: done,
    },
    selection_change: {
      schema: up.selection_change,
      summary: 'What is selected.',
      rules: ['UP3', 'UP7', 'UP8', 'LM1'],
      answers: done,
    },
    operation: {
      schema: up.operation,
      summary: 'A change of the document, made on `version`.',
      rules: ['UP9', 'UP10', 'UP11', 'LM2', 'LM6'],
      answers: done,
    },
    ping: { schema: up.ping, summary: 'Asks for a sign of life.', rules: ['UP12'], answers: ['pong', ...done] },
    batch: {
      schema: up.batch,
      summary: 'Several messages, each done when those before it are.',
      rules: ['UP13', 'UP14', 'UP15', 'LM3'],
      answers: done,
    },
    auth: {
      schema: up.auth,
      summary: '† A fresh token for the same user.',
      rules: ['HS12', 'HS13'],
      answers: ['auth_renewed', ...done],
    },
  } satisfies Record<UpType, unknown>,
  down: {
    connected: { schema: messages.connected, summary: 'The login is done.', rules: ['HS5'] },
    room_joined: {
      schema: messages.room_joined,
      summary: 'The document, or what was missed of it.',
      rules: ['DN2', 'DN3', 'DN11'],
    },
    presence_update: {
      schema: messages.presence_update,
      summary: 'What has changed of a participant.',
      rules: ['DN7', 'DN9', 'DN10'],
    },
    operation_broadcast: {
      schema: messages.operation_broadcast,
      summary: 'An operation of somebody else, transformed.',
      rules: ['DN4', 'DN6'],
    },
    ack: { schema: messages.ack, summary: 'A message was done.', rules: ['UP2', 'UP10', 'DN5'] },
    error: { schema: messages.error, summary: 'A message was not done.', rules: ['ER1', 'ER2', 'ER3', 'LM4'] },
    pong: { schema: messages.pong, summary: 'Answers ping.', rules: ['UP12'] },
    auth_renewed: { schema: messages.auth_renewed, summary: '† Answers auth.', rules: ['HS12'] },
  } satisfies Record<DownType, unknown>,
  binary: {
    BinaryCursor: { ...binaryFrame, summary: 'A cursor: type 1.', rules: ['BN1', 'BN2', 'BN4', 'BN6', 'BN7'] },
    BinarySelection: { ...binaryFrame, summary: 'A selection: type 2.', rules: ['BN1', 'BN3', 'BN4', 'BN6'] },
  },
  closes: [
    {
      code: 1008,
      summary: 'a rejected token, or one that has expired; no login in time; too many connections',
      rules: ['HS3', 'HS4', 'HS7', 'HS11'],
    },
    { code: 1013, summary: 'a long document was not read in time', rules: ['DN11'] },
  ],
  credentials: [
    { name: 'connect', in: 'message', summary: '`payload.token` of `connect`, for those who gave none before.' },
  ],
  examples,
};
