import type { Wire } from '../wire.js';
import * as down from './down.js';
import { closeCode } from './errors.js';
import { examples } from './examples.js';
import { Nested, up, type UpType } from './up.js';

const nested = down.nestedMessages;

export const wire: Wire = {
  title: 'Party: sessions with a host',
  summary: 'A host and its members, who see each other come and go, with their latencies.',
  up: {
    join: {
      schema: up.join,
      summary: 'Enters a session.',
      rules: ['JN1', 'JN4', 'JN5', 'JN6', 'JN7', 'JN8', 'JN9'],
      answers: ['welcome', 'member_list', 'error'],
    },
    leave: { schema: up.leave, summary: 'Leaves it.', rules: ['MS4', 'MS5'] },
    heartbeat: { schema: up.heartbeat, summary: 'Says that the member is alive; not answered.', rules: ['MS1', 'MS2'] },
    ping: { schema: up.ping, summary: 'Asks for a sign of life.', rules: ['MS3'], answers: ['pong', 'error'] },
    member_list: {
      schema: up.member_list,
      summary: '† Asks for the list as it is.',
      rules: ['MS14'],
      answers: ['member_list', 'error'],
    },
    kick: { schema: up.kick, summary: '† Hosts end a membership.', rules: ['MS12', 'MS15'], answers: ['error'] },
    close_session: {
      schema: up.close_session,
      summary: '† Hosts end the session.',
      rules: ['MS13', 'MS15'],
      answers: ['session_closed', 'error'],
    },
    auth: {
      schema: up.auth,
      summary: '† A fresh token for the same user.',
      rules: ['HS7'],
      answers: ['auth_renewed', 'error'],
    },
    NESTED: {
      schema: Nested,
      summary: '† Any of these as the original app writes it: the type in upper case, the fields in `payload`.',
      rules: ['AP1', 'AP2', 'AP5'],
    },
  } satisfies Record<UpType | 'NESTED', unknown>,
  down: {
    welcome: { schema: down.Welcome, summary: 'The join was accepted.', rules: ['JN1', 'JN2'] },
    member_list: { schema: down.MemberList, summary: 'Everybody, as they are now.', rules: ['JN1', 'MS7', 'MS8'] },
    member_joined: { schema: down.MemberJoined, summary: 'Somebody has come.', rules: ['JN1', 'MS6'] },
    member_left: {
      schema: down.MemberLeft,
      summary: 'Somebody has gone.',
      rules: ['MS2', 'MS4', 'MS9', 'MS10', 'MS12'],
    },
    kicked: { schema: down.Kicked, summary: 'The host has ended this membership.', rules: ['MS12'] },
    session_closed: { schema: down.SessionClosed, summary: 'The session is over.', rules: ['MS5', 'MS13'] },
    pong: { schema: down.Pong, summary: 'Answers ping.', rules: ['MS3'] },
    error: { schema: down.ErrorMessage, summary: 'A message was not done.', rules: ['FM2', 'FM5', 'JN10'] },
    auth_renewed: { schema: down.AuthRenewed, summary: '† Answers auth.', rules: ['HS7'] },
    WELCOME: { schema: nested.WELCOME, summary: '† welcome, as the original app reads it.', rules: ['AP1', 'AP3'] },
    MEMBER_LIST: { schema: nested.MEMBER_LIST, summary: '† member_list, as it reads it.', rules: ['AP1', 'AP3'] },
    MEMBER_JOINED: { schema: nested.MEMBER_JOINED, summary: '† member_joined, as it reads it.', rules: ['AP1', 'AP3'] },
    MEMBER_LEFT: { schema: nested.MEMBER_LEFT, summary: '† member_left, as it reads it.', rules: ['AP1', 'AP3'] },
    KICKED: { schema: nested.KICKED, summary: '† kicked, as it reads it.', rules: ['AP1'] },
    SESSION_CLOSED: { schema: nested.SESSION_CLOSED, summary: '† session_closed, as it reads it.', rules: ['AP1'] },
    PONG: { schema: nested.PONG, summary: '† pong, as it reads it.', rules: ['AP1', 'AP5'] },
    ERROR: { schema: nested.ERROR, summary: '† error, as it reads it.', rules: ['AP1', 'AP4'] },
    AUTH_RENEWED: { schema: nested.AUTH_RENEWED, summary: '† auth_renewed, in that form.', rules: ['AP1'] },
  },
  closes: [
    {
      code: closeCode.normal,
      summary: 'left, kicked, session closed, or joined by another connection',
      rules: ['JN6', 'MS4', 'MS12', 'MS13'],
    },
    {
      code: closeCode.policy,
      summary: 'a rejected token, or one that has expired; no join in time; too many connections',
      rules: ['HS3', 'HS5', 'HS6', 'HS8'],
    },
    { code: closeCode.tryAgainLater, summary: 'a join that cannot be done now', rules: ['JN10'] },
  ],
  credentials: [
    { name: 'join', in: 'message', summary: '`token` of `join`: an access token, or the session’s host token.' },
  ],
  examples,
};
