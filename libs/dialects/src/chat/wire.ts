import type { Wire } from '../wire.js';
import * as down from './down.js';
import { closeCode } from './errors.js';
import { examples } from './examples.js';
import { up, type UpOpcode } from './up.js';

export const wire: Wire = {
  title: 'Chat: servers, channels and voice',
  summary: 'Messages, presence and voice of the servers that a user is a member of, and signals between callers.',
  up: {
    HEARTBEAT: {
      schema: up.HEARTBEAT,
      summary: 'Asks for a sign of life.',
      rules: ['UP1', 'UP2'],
      answers: ['HEARTBEAT_ACK'],
    },
    PRESENCE_UPDATE: {
      schema: up.PRESENCE_UPDATE,
      summary: 'The user chooses a status.',
      rules: ['UP3', 'UP4'],
      answers: ['ERROR'],
    },
    VOICE_SIGNAL: {
      schema: up.VOICE_SIGNAL,
      summary:
        'A signal for somebody in the same voice channel; without `signal`, `type`, `sdp` and `candidate` are it.',
      rules: ['UP5', 'UP6', 'LM1'],
      answers: ['ERROR'],
    },
    AUTH: {
      schema: up.AUTH,
      summary: '† A fresh token for the same user.',
      rules: ['HS10', 'HS11'],
      answers: ['AUTH_RENEWED', 'ERROR'],
    },
  } satisfies Record<UpOpcode, unknown>,
  down: {
    READY: { schema: down.Ready, summary: 'The first message.', rules: ['HS6', 'HS7', 'RS1', 'RS2', 'RS3'] },
    HEARTBEAT_ACK: { schema: down.HeartbeatAck, summary: 'Answers HEARTBEAT.', rules: ['UP2'] },
    MESSAGE_CREATE: { schema: down.MessageCreate, summary: 'A message was written.', rules: ['DN1', 'DN7', 'DN8'] },
    MESSAGE_UPDATE: { schema: down.MessageUpdate, summary: 'A message was edited.', rules: ['DN1', 'DN7', 'DN8'] },
    MESSAGE_DELETE: { schema: down.MessageDelete, summary: 'A message was deleted.', rules: ['DN2', 'DN7'] },
    PRESENCE_UPDATE: { schema: down.PresenceUpdate, summary: 'A user’s status has changed.', rules: ['DN3', 'DN9'] },
    VOICE_STATE_UPDATE: {
      schema: down.VoiceStateUpdate,
      summary: 'Somebody is in a voice channel, changed there, or has left.',
      rules: ['DN4', 'DN7'],
    },
    VOICE_SIGNAL: { schema: down.VoiceSignal, summary: 'A signal from another caller.', rules: ['DN5', 'RS4'] },
    ERROR: { schema: down.ErrorDispatch, summary: '† A well-formed message was not done.', rules: ['UP7', 'LM1'] },
    AUTH_RENEWED: { schema: down.AuthRenewed, summary: '† Answers AUTH.', rules: ['HS10'] },
  },
  closes: [
    {
      code: closeCode.authenticationFailed,
      summary: 'no token, a rejected one, or one that has expired; no such user',
      rules: ['HS3', 'HS5', 'HS9', 'ER3'],
    },
    { code: closeCode.invalidMessage, summary: 'bad input; the reason is the path of what was wrong', rules: ['ER1'] },
    { code: closeCode.policy, summary: 'too many connections', rules: ['HS4', 'LM2'] },
    {
      code: closeCode.tryAgainLater,
      summary: 'the login, or a new server, cannot be taken up now',
      rules: ['HS5', 'SV4'],
    },
  ],
  examples,
};
