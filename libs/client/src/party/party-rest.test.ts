import { expect, test } from 'vitest';
import { answering } from '../testing/answering.js';
import { PartyRest } from './party-rest.js';

const party = { id: 's', name: 'The Party', host_id: 'h', max_members: 10, member_count: 1, created_at: '' };
const place = { id: 'h', name: 'Ann', is_host: true, connection_status: 'connected', joined_at: '', latency: 12 };

function rest(token: string | undefined, ...answers: readonly (Response | object)[]) {
  const { asked, fetch } = answering(...answers);
  return { asked, rest: new PartyRest({ url: 'https://host', token, fetch }) };
}

test('made, found and read without an account', async () => {
  const { asked, rest: parties } = rest(
    undefined,
    { ...party, host_token: 'host_x' },
    { sessions: [party], more: true },
    { ...party, members: [place] },
  );
  expect(await parties.create('The Party', { maxMembers: 3 })).toEqual({ ...party, host_token: 'host_x' });
  expect(await parties.parties({ before: 'b', limit: 2 })).toEqual({ sessions: [party], more: true });
  expect(await parties.party('a/b')).toEqual({ ...party, members: [place] });
  expect(asked).toEqual([
    'nobody POST /sessions {"name":"The Party","max_members":3}',
    'nobody GET /sessions?before=b&limit=2',
    'nobody GET /sessions/a%2Fb',
  ]);
});

test('the host orders with its token, an account with its own', async () => {
  const { asked, rest: parties } = rest('jwt');
  await parties.kick('s', 'm', { hostToken: 'host_x', reason: 'too loud' });
  await parties.kick('s', 'm');
  await parties.close('s', { hostToken: 'host_x' });
  await parties.close('s', { reason: 'over' });
  expect(asked).toEqual([
    'host_x DELETE /sessions/s/members/m?reason=too+loud',
    'jwt DELETE /sessions/s/members/m',
    'host_x DELETE /sessions/s',
    'jwt DELETE /sessions/s?reason=over',
  ]);
});

test('refusals are typed, and answers of another shape are no answers', async () => {
  const refused = Response.json({ error: 'not the host', code: 'forbidden' }, { status: 403 });
  await expect(rest('jwt', refused).rest.close('s')).rejects.toMatchObject({
    code: 'forbidden',
    message: 'not the host',
  });
  await expect(rest('jwt', party).rest.create('x')).rejects.toMatchObject({ code: 'internal' });
  const odd = { ...party, members: [{ ...place, connection_status: 'asleep' }] };
  await expect(rest('jwt', odd).rest.party('s')).rejects.toMatchObject({ code: 'internal' });
});
