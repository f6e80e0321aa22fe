import { isMessage, Talker, type Message } from '../clients/messages.js';
import { answerCommands, numberOf, stringsOf, type Fields } from '../harness/rig-child.js';
import type { Values } from '../harness/rig.js';
import { spreadOfTimes } from '../harness/times.js';

/** Those who want into parties, in one process, so that one clock times all of them. */
const OPENING_AT_ONCE = 32;

interface Knocking {
  readonly talker: Talker;
  readonly sessionId: string;
  readonly name: string;
}

/** What one join came to, ms since it was sent. */
interface Answer {
  readonly sessionId: string;
  readonly isIn: boolean;
  readonly ms: number;
  /** Until the last of those who were in before was told; undefined when nobody was, or it was refused. */
  readonly told: Promise<number> | undefined;
}

/** By session. */
let knocking = new Map<string, Knocking[]>();

function everybody(): readonly Knocking[] {
  return [...knocking.values()].flat();
}

/** `each` connections for every session, by turns on the ports. */
async function open(fields: Fields): Promise<Values> {
  const sessionIds = stringsOf(fields, 'sessionIds');
  const each = numberOf(fields, 'each');
  const ports = [numberOf(fields, 'port'), numberOf(fields, 'otherPort')];
  knocking = new Map(sessionIds.map((sessionId) => [sessionId, []]));
  let next = 0;
  const opener = async (): Promise<void> => {
    for (let index = next++; index < sessionIds.length * each; index = next++) {
      const sessionId = sessionIds[Math.floor(index / each)] ?? '';
      const talker = await Talker.open({ port: ports[index % ports.length] ?? 0, path: '/ws/party' });
      knocking.get(sessionId)?.push({ talker, sessionId, name: `device ${index}` });
    }
  };
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, opener));
  return { open: everybody().length };
}

async function join({ talker, sessionId, name }: Knocking, inside: readonly Knocking[]): Promise<Answer> {
  const answered = talker.next('an answer to a join', ({ type }) => type === 'welcome' || type === 'error');
  const heard = inside.map((one) => one.talker.next('member_joined', (message) => nameOf(message) === name));
  const startedAt = performance.now();
  const passed = (): number => performance.now() - startedAt;
  const deviceInfo = { id: name, name, type: 'client' };
  talker.send({ type: 'join', timestamp: Date.now(), sessionId, deviceInfo });
  const { type, code } = await answered;
  const ms = passed();
  if (type === 'error' && code !== 'session_full') throw new Error(`a join was answered ${String(code)}`);
  return {
    sessionId,
    isIn: type === 'welcome',
    ms,
    told: heard.length === 0 ? undefined : Promise.all(heard).then(passed),
  };
}

function nameOf({ type, member }: Message): unknown {
  return type === 'member_joined' && isMessage(member) ? member['name'] : undefined;
}

/** Exactly as many as there are places are in, in every session. */
function check(answers: readonly Answer[], places: number): void {
  const counts = new Map<string, number>();
  for (const { sessionId, isIn } of answers) counts.set(sessionId, (counts.get(sessionId) ?? 0) + (isIn ? 1 : 0));
  for (const count of counts.values()) if (count !== places) throw new Error(`${count} are in, for ${places} places`);
}

answerCommands({
  open,
  /** Everybody at once. */
  rush: async (fields) => {
    const startedAt = performance.now();
    const answers = await Promise.all(everybody().map((one) => join(one, [])));
    const seconds = (performance.now() - startedAt) / 1_000;
    check(answers, numberOf(fields, 'places'));
    const times = spreadOfTimes(
      'answer',
      answers.map(({ ms }) => ms),
    );
    return { perSecond: answers.length / seconds, ...times };
  },
  /** Into every session one after the other, into all sessions at the same time; each waits until all others know. */
  file: async (fields) => {
    const startedAt = performance.now();
    const told: number[] = [];
    const fill = async (people: readonly Knocking[]): Promise<readonly Answer[]> => {
      const answers: Answer[] = [];
      for (const [index, one] of people.entries()) {
        const answer = await join(one, people.slice(0, index));
        answers.push(answer);
        if (answer.told !== undefined) told.push(await answer.told);
      }
      return answers;
    };
    const answers = (await Promise.all([...knocking.values()].map(fill))).flat();
    const seconds = (performance.now() - startedAt) / 1_000;
    check(answers, numberOf(fields, 'places'));
    const times = spreadOfTimes(
      'answer',
      answers.map(({ ms }) => ms),
    );
    return { perSecond: answers.length / seconds, ...times, ...spreadOfTimes('told', told) };
  },
  close: async () => {
    await Promise.all(everybody().map(({ talker }) => talker.close()));
    knocking.clear();
    return {};
  },
});
