import { startCluster, type Cluster } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { DescribedApi, type DescribedCall } from './described-api.js';
import { isRecord } from './json-schema.js';
import { PASSWORD, register, type Person } from './people.js';

const NOBODY = '01890a5d-ac96-774b-bcce-b302099a8057';

/** REST on a running cluster against its own description: every route, with what succeeds and what does not. */
describe('REST answers what /openapi.json says', () => {
  let cluster: Cluster;
  let api: DescribedApi;
  let [alice, bob, carol] = [nobody(), nobody(), nobody()];
  const ids = { server: '', text: '', voice: '' };

  beforeAll(async () => {
    cluster = await startCluster({ gateways: 1 });
    const { url } = cluster.gateway(1);
    api = await DescribedApi.of(url);
    [alice, bob, carol] = [await register(url), await register(url), await register(url)];
  });

  afterAll(async () => {
    await cluster.stop();
  });

  const as =
    ({ token }: Pick<Person, 'token'>) =>
    (route: string, status: number, more: Omit<DescribedCall, 'route' | 'status' | 'token'> = {}) =>
      api.call({ route, status, token, ...more });
  const anyone = (route: string, status: number, body?: unknown) => api.call({ route, status, body });

  it('every route that needs a token answers 401 without one', async () => {
    for (const route of api.routes.filter((one) => api.needsToken(one))) await anyone(route, 401);
  });

  it('accounts', async () => {
    const credentials = { username: 'dora', password: PASSWORD };
    await anyone('POST /auth/register', 201, { ...credentials, email: 'dora@example.com' });
    await anyone('POST /auth/register', 409, credentials);
    await anyone('POST /auth/register', 400, { username: 'x', password: PASSWORD });
    const grant = await anyone('POST /auth/login', 200, credentials);
    await anyone('POST /auth/login', 401, { ...credentials, password: 'wrong password' });
    await anyone('POST /auth/login', 400, {});
    const fresh = await anyone('POST /auth/refresh', 200, { refresh_token: textAt(grant, 'refresh_token') });
    await anyone('POST /auth/refresh', 401, { refresh_token: 'none' });
    await anyone('POST /auth/refresh', 400, {});
    const dora = as({ token: textAt(fresh, 'access_token') });
    await dora('GET /users/@me', 200);
    await dora('PATCH /users/@me', 200, { body: { avatar_url: 'https://example.com/dora.png' } });
    await dora('PATCH /users/@me', 409, { body: { username: alice.username } });
    await dora('PATCH /users/@me', 400, { body: { username: '!' } });
    await dora('POST /auth/logout', 204);
    await anyone('GET /.well-known/jwks.json', 200);
    await anyone('GET /openapi.json', 200);
    for (const dialect of ['chat', 'topics', 'collab', 'watch', 'party']) {
      await api.call({ route: 'GET /asyncapi/{dialect}.json', status: 200, path: { dialect } });
    }
    await api.call({ route: 'GET /asyncapi/{dialect}.json', status: 404, path: { dialect: 'none' } });
    await anyone('GET /readyz', 200);
  });

  it('servers and their members', async () => {
    const [owner, member, stranger] = [as(alice), as(bob), as(carol)];
    const made = await owner('POST /servers', 201, { body: { name: 'One', description: 'First' } });
    await owner('POST /servers', 400, { body: { name: '' } });
    ids.server = textAt(made, 'id');
    const path = { id: ids.server };
    await owner('GET /servers', 200);
    await member('POST /servers/{id}/join', 201, { path });
    await member('POST /servers/{id}/join', 404, { path: { id: NOBODY } });
    await member('GET /servers/{id}', 200, { path });
    await stranger('GET /servers/{id}', 404, { path });
    await owner('PATCH /servers/{id}', 200, { path, body: { name: 'Two', description: null } });
    await member('PATCH /servers/{id}', 403, { path, body: { name: 'Mine' } });
    await stranger('PATCH /servers/{id}', 404, { path, body: { name: 'Mine' } });
    await member('GET /servers/{id}/members', 200, { path, query: { limit: '1' } });
    const away: unknown = expect.objectContaining({ user_id: bob.id, username: bob.username, status: 'offline' });
    const all: unknown = expect.arrayContaining([away]);
    expect(await owner('GET /servers/{id}/members', 200, { path })).toMatchObject({ members: all });
    await member('GET /servers/{id}/members', 400, { path, query: { limit: '0' } });
    await stranger('GET /servers/{id}/members', 404, { path });
    await member('DELETE /servers/{id}/leave', 204, { path });
    await owner('DELETE /servers/{id}/leave', 409, { path });
    await member('POST /servers/{id}/join', 201, { path });
    const target = { ...path, user_id: bob.id };
    await member('DELETE /servers/{id}/members/{user_id}', 403, { path: { ...path, user_id: alice.id } });
    await owner('DELETE /servers/{id}/members/{user_id}', 204, { path: target });
    await owner('DELETE /servers/{id}/members/{user_id}', 404, { path: target });
    await stranger('PUT /servers/{id}/bans/{user_id}', 404, { path: target });
    await owner('PUT /servers/{id}/bans/{user_id}', 204, { path: target });
    await stranger('DELETE /servers/{id}/bans/{user_id}', 404, { path: target });
    await owner('DELETE /servers/{id}/bans/{user_id}', 204, { path: target });
    await member('POST /servers/{id}/join', 201, { path });
    await member('DELETE /servers/{id}', 403, { path });
  });

  it('channels and messages', async () => {
    const [owner, member, stranger] = [as(alice), as(bob), as(carol)];
    const path = { id: ids.server };
    const make = { path, body: { name: 'general', type: 'text', topic: 'all' } };
    ids.text = textAt(await owner('POST /servers/{id}/channels', 201, make), 'id');
    const voice = { path, body: { name: 'talk', type: 'voice' } };
    ids.voice = textAt(await owner('POST /servers/{id}/channels', 201, voice), 'id');
    await owner('POST /servers/{id}/channels', 400, { path, body: { name: 'x', type: 'video' } });
    await member('POST /servers/{id}/channels', 403, make);
    await member('GET /servers/{id}/channels', 200, { path });
    await stranger('GET /servers/{id}/channels', 404, { path });
    const channel = { ...path, channel_id: ids.text };
    await member('GET /servers/{id}/channels/{channel_id}', 200, { path: channel });
    await stranger('GET /servers/{id}/channels/{channel_id}', 404, { path: channel });
    await owner('PATCH /servers/{id}/channels/{channel_id}', 200, { path: channel, body: { position: 3 } });
    await member('PATCH /servers/{id}/channels/{channel_id}', 403, { path: channel, body: { position: 4 } });
    const at = { id: ids.text };
    const first = await member('POST /channels/{id}/messages', 201, { path: at, body: { content: 'Hello' } });
    const message = { id: textAt(first, 'id') };
    const reply = { path: at, body: { content: 'Hi', reply_to: message.id } };
    await owner('POST /channels/{id}/messages', 201, reply);
    await member('POST /channels/{id}/messages', 400, { path: at, body: { content: '' } });
    await stranger('POST /channels/{id}/messages', 404, { path: at, body: { content: 'Hello' } });
    await member('PATCH /messages/{id}', 200, { path: message, body: { content: 'Edited' } });
    await owner('PATCH /messages/{id}', 403, { path: message, body: { content: 'Edited' } });
    await member('GET /channels/{id}/messages', 200, { path: at, query: { limit: '2' } });
    await member('GET /channels/{id}/messages', 400, { path: at, query: { limit: '101' } });
    await stranger('GET /channels/{id}/messages', 404, { path: at });
    await stranger('DELETE /messages/{id}', 404, { path: message });
    await owner('DELETE /messages/{id}', 204, { path: message });
  });

  it('voice', async () => {
    const [member, stranger] = [as(bob), as(carol)];
    const path = { id: ids.voice };
    await member('POST /channels/{id}/voice', 201, { path, body: { muted: true } });
    await stranger('POST /channels/{id}/voice', 404, { path, body: {} });
    await member('POST /channels/{id}/voice', 400, { path, body: { muted: 'yes' } });
    await member('POST /channels/{id}/voice', 400, { path: { id: ids.text }, body: {} });
    await member('PATCH /channels/{id}/voice', 200, { path, body: { muted: false, deafened: true } });
    await stranger('PATCH /channels/{id}/voice', 404, { path, body: { muted: true } });
    await member('GET /channels/{id}/voice', 200, { path });
    await stranger('GET /channels/{id}/voice', 404, { path });
    await member('DELETE /channels/{id}/voice', 204, { path });
    await stranger('DELETE /channels/{id}/voice', 404, { path });
    await member('GET /ice-servers', 200);
  });

  it('rooms', async () => {
    const [owner, member, stranger] = [as(alice), as(bob), as(carol)];
    await owner('POST /rooms', 201, { body: { id: 'notes', type: 'text', content: 'Hello' } });
    await owner('POST /rooms', 409, { body: { id: 'notes', type: 'text', content: '' } });
    await owner('POST /rooms', 400, { body: { type: 'text', content: [] } });
    const open = await owner('POST /rooms', 201, { body: { type: 'json', content: { a: [1] }, public: true } });
    const path = { id: 'notes' };
    await owner('GET /rooms', 200, { query: { limit: '1', before: textAt(open, 'id') } });
    await owner('GET /rooms', 400, { query: { limit: '0' } });
    await owner('GET /rooms/{id}', 200, { path });
    await owner('GET /rooms/{id}', 404, { path: { id: 'a..b' } });
    await stranger('GET /rooms/{id}', 404, { path });
    await stranger('GET /rooms/{id}', 200, { path: { id: textAt(open, 'id') } });
    await owner('GET /rooms/{id}/operations', 200, { path, query: { since: '1' } });
    await owner('GET /rooms/{id}/operations', 400, { path, query: { since: '-1' } });
    await stranger('GET /rooms/{id}/operations', 404, { path });
    const target = { ...path, user_id: bob.id };
    const give = (role: string) => ({ path: target, body: { role } });
    await stranger('PUT /rooms/{id}/members/{user_id}', 404, give('viewer'));
    await owner('PUT /rooms/{id}/members/{user_id}', 204, give('viewer'));
    await owner('PUT /rooms/{id}/members/{user_id}', 400, give('king'));
    await owner('PUT /rooms/{id}/members/{user_id}', 404, { ...give('viewer'), path: { ...path, user_id: NOBODY } });
    await member('PUT /rooms/{id}/members/{user_id}', 403, give('owner'));
    const self = { ...path, user_id: alice.id };
    await owner('PUT /rooms/{id}/members/{user_id}', 409, { path: self, body: { role: 'viewer' } });
    await owner('DELETE /rooms/{id}/members/{user_id}', 409, { path: self });
    await member('DELETE /rooms/{id}/members/{user_id}', 403, { path: self });
    await member('DELETE /rooms/{id}', 403, { path });
    await owner('DELETE /rooms/{id}/members/{user_id}', 204, { path: target });
    await owner('DELETE /rooms/{id}/members/{user_id}', 404, { path: target });
    await owner('DELETE /rooms/{id}', 204, { path });
    await owner('DELETE /rooms/{id}', 404, { path });
  });

  it('devices and who watches them', async () => {
    const [owner, viewer, stranger] = [as(alice), as(bob), as(carol)];
    const made = await owner('POST /devices', 201, { body: { device_id: 'cam-1', device_name: 'Kitchen' } });
    expect(textAt(made, 'key').length).toBeGreaterThan(40);
    await owner('POST /devices', 201, { body: { device_id: 'cam-2', device_name: 'Hall', auth: 'none' } });
    await stranger('POST /devices', 409, { body: { device_id: 'cam-1', device_name: 'Mine' } });
    await owner('POST /devices', 400, { body: { device_id: 'a.b', device_name: 'Kitchen' } });
    await owner('POST /devices', 400, { body: { device_id: 'cam-3', device_name: 'a\0b' } });
    await owner('GET /devices', 200, { query: { limit: '1', after: 'cam-1' } });
    await owner('GET /devices', 400, { query: { limit: '0' } });
    const path = { id: 'cam-1' };
    const shared = { ...path, user_id: bob.id };
    await viewer('GET /devices/{id}', 404, { path });
    await owner('PUT /devices/{id}/viewers/{user_id}', 204, { path: shared });
    await owner('PUT /devices/{id}/viewers/{user_id}', 404, { path: { ...path, user_id: NOBODY } });
    await viewer('PUT /devices/{id}/viewers/{user_id}', 403, { path: { ...path, user_id: carol.id } });
    await viewer('GET /devices/{id}', 200, { path });
    await owner('GET /devices/{id}', 200, { path });
    await viewer('DELETE /devices/{id}', 403, { path });
    await owner('DELETE /devices/{id}/viewers/{user_id}', 204, { path: shared });
    await owner('DELETE /devices/{id}/viewers/{user_id}', 404, { path: shared });
    await owner('DELETE /devices/{id}', 204, { path });
    await owner('DELETE /devices/{id}', 404, { path });
    await owner('GET /watch-sessions', 200, { query: { device_id: 'cam-1', limit: '1' } });
    await owner('GET /watch-sessions', 400, { query: { device_id: 'a.b' } });
  });

  it('sessions', async () => {
    const [maker, stranger] = [as(alice), as(bob)];
    const made = await anyone('POST /sessions', 201, { name: 'Party', max_members: 3 });
    for (const name of ['', 'a\0b', '\ud800']) await anyone('POST /sessions', 400, { name });
    await as({ token: 'not-a-token' })('POST /sessions', 401, { body: { name: 'Party' } });
    const path = { id: textAt(made, 'id') };
    const host = as({ token: textAt(made, 'host_token') });
    await api.call({ route: 'GET /sessions', status: 200, query: { limit: '1' } });
    await api.call({ route: 'GET /sessions', status: 400, query: { limit: '0' } });
    await api.call({ route: 'GET /sessions/{id}', status: 200, path });
    await api.call({ route: 'GET /sessions/{id}', status: 404, path: { id: NOBODY } });
    const member = { ...path, member_id: await joinParty(cluster.gateway(1).wsUrl, path.id) };
    await stranger('DELETE /sessions/{id}/members/{member_id}', 403, { path: member });
    await host('DELETE /sessions/{id}/members/{member_id}', 204, { path: member, query: { reason: 'Too loud' } });
    await host('DELETE /sessions/{id}/members/{member_id}', 404, { path: member });
    await stranger('DELETE /sessions/{id}', 403, { path });
    await host('DELETE /sessions/{id}', 204, { path });
    await host('DELETE /sessions/{id}', 404, { path });
    const own = { id: textAt(await maker('POST /sessions', 201, { body: { name: 'Mine' } }), 'id') };
    await maker('DELETE /sessions/{id}', 204, { path: own });
  });

  it('the server API', async () => {
    const server = as({ token: cluster.apiKey });
    const path = { topic: 'news' };
    const body = { payload: { a: [1, null] }, metadata: { priority: 'high' } };
    await server('POST /topics/{topic}/messages', 201, { path, body });
    await server('POST /topics/{topic}/messages', 400, { path: { topic: 'a..b' }, body });
    await server('GET /topics/{topic}/messages', 200, { path });
    await server('GET /topics/{topic}/messages', 400, { path, query: { limit: '0' } });
    const notice = { level: 'info', title: 'Title', message: 'Text' };
    await server('POST /notifications', 201, { body: notice });
    await server('POST /notifications', 400, { body: {} });
    const socket = new WebSocket(`${cluster.gateway(1).wsUrl}/ws?token=${alice.token}`);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => socket.once('message', resolve));
    const listed = await server('GET /admin/connections', 200, { query: { user_id: alice.id } });
    await server('GET /admin/connections', 400, { query: { dialect: 'none' } });
    const found: unknown = isRecord(listed) ? listed['connections'] : undefined;
    const one: unknown = Array.isArray(found) ? found[0] : undefined;
    await server('DELETE /admin/connections/{id}', 204, { path: { id: textAt(one, 'connection_id') } });
    await closed;
    await server('DELETE /admin/connections/{id}', 404, { path: { id: NOBODY } });
    await server('GET /admin/stats', 200);
    await server('GET /admin/users/{id}/trail', 200, { path: { id: alice.id }, query: { limit: '5' } });
    await server('GET /admin/users/{id}/trail', 400, { path: { id: alice.id }, query: { limit: '0' } });
    await as(alice)('GET /users/{id}', 200, { path: { id: bob.id } });
    await as(alice)('GET /users/{id}', 404, { path: { id: NOBODY } });
    await server('POST /admin/users/{id}/revoke', 200, { path: { id: carol.id } });
    await server('POST /admin/users/{id}/revoke', 404, { path: { id: NOBODY } });
    await server('PUT /admin/users/{id}/ban', 200, { path: { id: carol.id } });
    await server('PUT /admin/users/{id}/ban', 404, { path: { id: NOBODY } });
    await server('DELETE /admin/users/{id}/ban', 204, { path: { id: carol.id } });
    await server('DELETE /admin/users/{id}/ban', 404, { path: { id: NOBODY } });
  });

  it('what is gone is gone', async () => {
    const owner = as(alice);
    const channel = { id: ids.server, channel_id: ids.text };
    await as(bob)('DELETE /servers/{id}/channels/{channel_id}', 403, { path: channel });
    await owner('DELETE /servers/{id}/channels/{channel_id}', 204, { path: channel });
    await owner('DELETE /servers/{id}', 204, { path: { id: ids.server } });
    await owner('DELETE /servers/{id}', 404, { path: { id: ids.server } });
  });

  it('every route of the description has answered a success and an error', () => {
    const lacking = api.routes.filter((route) => {
      const statuses = api.answered(route);
      const failed = api.neverFails(route) || statuses.some((status) => status >= 400);
      return !failed || !statuses.some((status) => status < 400);
    });
    expect(lacking).toEqual([]);
  });
});

/** The id of the new member. */
async function joinParty(wsUrl: string, sessionId: string): Promise<string> {
  const socket = new WebSocket(`${wsUrl}/ws/party`);
  await new Promise((resolve) => socket.once('open', resolve));
  const first = new Promise<string>((resolve) => {
    socket.once('message', (data) => {
      resolve(Buffer.isBuffer(data) ? data.toString() : '');
    });
  });
  const deviceInfo = { id: 'phone', name: 'A Phone', type: 'client' };
  socket.send(JSON.stringify({ type: 'join', timestamp: Date.now(), sessionId, deviceInfo }));
  return textAt(JSON.parse(await first), 'clientId');
}

function nobody(): Person {
  return { id: '', username: '', token: '' };
}

function textAt(body: unknown, member: string): string {
  const value = isRecord(body) ? body[member] : undefined;
  if (typeof value !== 'string') throw new Error(`no ${member} in ${JSON.stringify(body)}`);
  return value;
}
