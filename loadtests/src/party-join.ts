// Many want into parties that have too few places, all at the same moment and over all gateways: exactly as many get in
// as there are places, and everybody else is told that it is full.
import { scenario } from 'k6/execution';
import { Trend } from 'k6/metrics';
import { makeParty, PartyMember, type Party } from './clients/party.js';
import { registerUsers } from './lib/accounts.js';
import { post, wait } from './lib/board.js';
import { settles } from './lib/compare.js';
import { checked, complain, thresholds, zero } from './lib/measures.js';
import { oneClientEach } from './lib/options.js';
import { ask } from './lib/rest.js';
import { Returning } from './lib/returning.js';
import { patience, turn, urls, vus } from './lib/settings.js';

export { handleSummary } from './lib/summary.js';

const PLACES = 10;
/** Twice as many as there are places, as far as that goes. */
const parties = Math.max(1, Math.floor(vus / (2 * PLACES)));
const TOGETHER_SECONDS = 90;
const DECIDED_MS = 30_000;
const joinMs = new Trend('parley_join_ms', true);

export const options = oneClientEach(thresholds(vus, { parley_join_ms: [`p(95)<${5_000 * patience}`] }));

interface Race {
  readonly parties: readonly Party[];
}

export function setup(): Race {
  zero();
  const owners = registerUsers(parties);
  return { parties: owners.map(({ token }) => makeParty(token, PLACES)) };
}

export default async function (race: Race): Promise<void> {
  const index = scenario.iterationInTest;
  const party = turn(race.parties, index);
  await post('ready', index);
  await wait('ready', vus, TOGETHER_SECONDS);
  const begun = Date.now();
  const member = new PartyMember(party, `device-${index}`, false, () => joinMs.add(Date.now() - begun));
  const client = new Returning(urls, index, member);
  void client.start();
  const decided = await settles(() => member.memberId !== undefined || member.refusal !== undefined, DECIDED_MS);
  if (!decided) complain('party: neither in nor refused');
  const list = `decided-${index % parties}`;
  await post(list, member.memberId ?? '');
  const contenders = Math.ceil((vus - (index % parties)) / parties);
  const answers = await wait(list, contenders, TOGETHER_SECONDS);
  if (index < parties) await judge(party, answers);
  checked.add(1, { dialect: 'party' });
  await post('judged', index);
  await wait('judged', vus, TOGETHER_SECONDS);
  client.stop();
}

async function judge(party: Party, answers: readonly unknown[]): Promise<void> {
  const inside = new Set(answers.filter((id) => id !== ''));
  const expected = Math.min(PLACES, answers.length);
  if (inside.size !== expected) complain(`party: ${inside.size} are in, for ${expected} places`);
  const { body } = await ask('GET', `/sessions/${party.id}`, '');
  const members = Array.isArray(body['members']) ? body['members'].length : -1;
  if (members !== expected) complain(`party: ${members} are listed, for ${expected} places`);
}
