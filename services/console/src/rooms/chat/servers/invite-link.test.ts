import { expect, test } from 'vitest';
import { invitedTo, inviteTo } from './invite-link.js';

const ID = '01890a5d-ac96-774b-bcce-b302099a8057';

test('a link leads to its server, and so do its id and the address of one of its channels', () => {
  const link = inviteTo(ID, 'http://host:8080/#/chat/other');
  expect(link).toBe(`http://host:8080/#/chat/join/${ID}`);
  const channel = `http://host/#/chat/${ID}/01890a5d-ac96-774b-bcce-b302099a8058`;
  for (const text of [link, ` ${ID.toUpperCase()} `, channel]) expect(invitedTo(text)).toBe(ID);
  for (const text of ['', 'http://host/', ID.slice(1)]) expect(invitedTo(text)).toBeUndefined();
});
