import { setInterval, clearInterval } from 'k6/timers';
import { userAt, type User } from '../lib/accounts.js';
import { post, wait } from '../lib/board.js';
import { compare, idsOf, settles } from '../lib/compare.js';
import { checked, complain } from '../lib/measures.js';
import { ask, pause } from '../lib/rest.js';
import { Returning, type Role } from '../lib/returning.js';
import { perSecond, urls, type Dialect } from '../lib/settings.js';
import { ChatMember, postMessage } from './chat.js';
import { CollabWriter } from './collab.js';
import { PartyMember } from './party.js';
import { countOf, partOf, partyOf, roleOf, roomOf, type Part, type Stage } from './stage.js';
import { TopicsMember } from './topics.js';
import { compareRoom, typeUntil } from './typing.js';
import { watchSessions } from './watch-pair.js';

export interface Life {
  readonly dialects: readonly Dialect[];
  readonly clients: number;
  /** Resolves when there is nothing more to say. */
  over(): Promise<void>;
  /** How long it may take until it is over, and all are together again. */
  readonly withinSeconds: number;
  /** Now and then a listener goes away for a moment, of its own will. */
  readonly restless?: boolean;
}

/** So many of a dialect speak; everybody hears. */
const SPEAKERS = 2;
const BEAT_MS = 5_000;
const RESTLESS_MS = 4_000;

/** One client's day: it logs in, waits for the others, speaks or hears until it is over, and compares. */
export async function live(stage: Stage, index: number, life: Life): Promise<void> {
  const user = await userAt(index);
  const part = partOf(life.dialects, index);
  if (part.dialect === 'watch') return watching(user, index, life);
  const role = await roleOf(part, user, stage);
  const client = new Returning(urls, index, role);
  await client.start();
  await post('in', index);
  await wait('in', inside(life), life.withinSeconds);
  const day = { over: false };
  const ending = life.over().then(() => {
    day.over = true;
  });
  await act({ role, client, part, user, index, stage, life, ending, over: () => day.over });
  await ending;
  await post('returns', client.returns);
  await post('compared', index);
  // The last to leave: who goes earlier is missed by those who still compare.
  await wait('compared', inside(life), life.withinSeconds);
  client.stop();
}

/** Those with one connection of a member; the pairs of `watch` are by themselves. */
function inside({ dialects, clients }: Life): number {
  return clients - countOf(dialects, 'watch', clients);
}

async function watching(user: User, index: number, life: Life): Promise<void> {
  const day = { over: false };
  void life.over().then(() => {
    day.over = true;
  });
  await watchSessions(user, index, () => day.over);
}

interface Scene {
  readonly role: Role;
  readonly client: Returning;
  readonly part: Part;
  readonly user: User;
  readonly index: number;
  readonly stage: Stage;
  readonly life: Life;
  readonly ending: Promise<void>;
  over(): boolean;
}

async function act(scene: Scene): Promise<void> {
  const { role } = scene;
  if (role instanceof TopicsMember) return inTopics(scene, role);
  if (role instanceof ChatMember) return inChat(scene, role);
  if (role instanceof CollabWriter) return inCollab(scene, role);
  if (role instanceof PartyMember) return inParty(scene, role);
}

/** How many speak of those who are there. */
function speakers({ part, life }: Scene): number {
  return Math.min(SPEAKERS, countOf(life.dialects, part.dialect, life.clients));
}

async function inTopics(scene: Scene, member: TopicsMember): Promise<void> {
  const { part, index, life } = scene;
  if (part.place < SPEAKERS) {
    await speak(scene, (n) => member.publish(index, n));
    await post('acked-topics', member.acknowledged);
  } else await listen(scene);
  const ids = idsOf(await wait('acked-topics', speakers(scene), life.withinSeconds));
  await compare('topics', member.ledger, ids);
}

async function inChat(scene: Scene, member: ChatMember): Promise<void> {
  const { part, user, stage, life } = scene;
  if (part.place < SPEAKERS) {
    const ids: string[] = [];
    await speak(scene, async (n) => {
      const id = await postMessage(user, stage.channelId, n);
      if (id !== undefined) ids.push(id);
    });
    await post('acked-chat', ids);
  } else await listen(scene);
  const ids = idsOf(await wait('acked-chat', speakers(scene), life.withinSeconds));
  await compare('chat', member.ledger, ids);
}

async function inCollab(scene: Scene, writer: CollabWriter): Promise<void> {
  const { part, user, index, stage, life } = scene;
  const roomId = roomOf(stage, part.place);
  if (part.place < SPEAKERS) {
    await typeUntil(writer, index, () => scene.over());
    await post('acked-collab', writer.acknowledged);
  } else await listen(scene);
  await wait('acked-collab', speakers(scene), life.withinSeconds);
  await scene.client.there();
  await compareRoom(writer, user, roomId, writer.acknowledged);
}

/** Everybody is where they were, and nobody was thought gone. */
async function inParty({ client, part, stage, ending }: Scene, member: PartyMember): Promise<void> {
  const beating = setInterval(() => member.beat(), BEAT_MS);
  await ending;
  await client.there();
  const { id } = partyOf(stage, part.place);
  const there = await settles(() => client.isThere && member.memberId !== undefined);
  if (!there) complain('party: not back in time');
  const { body } = await ask('GET', `/sessions/${id}`, '');
  const members = Array.isArray(body['members']) ? body['members'].map((one) => JSON.stringify(one)) : [];
  if (!members.some((one) => one.includes(member.memberId ?? '?'))) complain('party: its place is gone');
  if (member.leavers.length > 0) complain(`party: ${member.leavers.length} were thought gone`);
  checked.add(1, { dialect: 'party' });
  clearInterval(beating);
}

/** By the clock, whether or not the last is answered; resolves when it is over and all are answered. */
async function speak(scene: Scene, send: (n: number) => Promise<void>): Promise<void> {
  const answers: Promise<void>[] = [];
  const begun = Date.now();
  for (let n = 0; !scene.over(); n++) {
    answers.push(send(n));
    await pause(begun + ((n + 1) * 1_000) / perSecond - Date.now());
  }
  await Promise.all(answers);
}

async function listen(scene: Scene): Promise<void> {
  const { client, life, index, ending } = scene;
  while (life.restless === true && index % 3 === 0 && !scene.over()) {
    await Promise.race([ending, pause(RESTLESS_MS * (0.5 + Math.random()))]);
    if (!scene.over()) client.drop();
  }
  await ending;
}
