// How much does a connection, a login, a delivery cost? Many connections of topics that only count, one that speaks; the
// runner looks at the processes meanwhile: see scripts/loadtest/sizing.mjs.
import { scenario } from 'k6/execution';
import { prepare, type Stage } from './clients/stage.js';
import { TopicsMember } from './clients/topics.js';
import { userAt, type User } from './lib/accounts.js';
import { post, wait } from './lib/board.js';
import { settles } from './lib/compare.js';
import { Line } from './lib/line.js';
import { checked, complain, logins, missing, thresholds, zero } from './lib/measures.js';
import { oneClientEach } from './lib/options.js';
import { pause } from './lib/rest.js';
import { Returning } from './lib/returning.js';
import { number, perSecond, seconds, turn, urls, vus } from './lib/settings.js';

export { handleSummary } from './lib/summary.js';

/** Of each VU: a user may have many here. */
const CONNECTIONS = number('CONNECTIONS', 20);
const AT_ONCE = 5;
const LONG_SECONDS = 600;

export const options = oneClientEach(thresholds(vus));

export function setup(): Stage {
  zero();
  return prepare(['topics'], vus);
}

export default async function (stage: Stage): Promise<void> {
  const index = scenario.iterationInTest;
  const user = await userAt(index);
  await wait('go', 1, LONG_SECONDS);
  const crowd = new Crowd(user, stage.topic, index);
  await crowd.open(CONNECTIONS);
  await post('in', CONNECTIONS);
  if (index === 0) await speak(user, stage.topic);
  const [said] = await wait('said', 1, LONG_SECONDS);
  const expected = Number(said) * CONNECTIONS;
  await settles(() => crowd.heard >= expected);
  missing.add(Math.max(0, expected - crowd.heard));
  if (crowd.heard > expected) complain(`${crowd.heard} came of ${expected}`);
  checked.add(1);
  await post('counted', crowd.heard);
  await wait('over', 1, LONG_SECONDS);
  crowd.close();
}

async function speak(user: User, topic: string): Promise<void> {
  const speaker = new TopicsMember(user, topic);
  const client = new Returning(urls, 0, speaker);
  await wait('speak', 1, LONG_SECONDS);
  await client.start();
  await post('speaking', Date.now());
  const begun = Date.now();
  const answers: Promise<void>[] = [];
  for (let n = 0; n < seconds * perSecond; n++) {
    answers.push(speaker.publish(0, n, 'x'.repeat(100)));
    await pause(begun + ((n + 1) * 1_000) / perSecond - Date.now());
  }
  await Promise.all(answers);
  client.stop();
  await post('said', speaker.acknowledged.length);
}

/** Connections that count what comes and look no further, so that the machine is the servers'. */
class Crowd {
  heard = 0;
  private readonly lines: Line[] = [];

  constructor(
    private readonly user: User,
    private readonly topic: string,
    private readonly index: number,
  ) {}

  async open(count: number): Promise<void> {
    for (let first = 0; first < count; first += AT_ONCE) {
      const places = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, at) => first + at);
      await Promise.all(places.map((place) => this.one(place)));
    }
  }

  close(): void {
    for (const line of this.lines) line.end();
  }

  private one(place: number): Promise<void> {
    const url = turn(urls, this.index + place).replace(/^http/, 'ws');
    return new Promise((resolve) => {
      const line = new Line(`${url}/ws/topics?token=${this.user.token}`, {
        opened: () => undefined,
        heard: (text) => {
          if (text.startsWith('{"type":"Broadcast"')) this.heard += 1;
          else if (text.includes('"connected"')) line.say({ type: 'Subscribe', data: { topics: [this.topic] } });
          else if (text.includes('"subscribed"')) {
            logins.add(1, { dialect: 'topics' });
            resolve();
          }
        },
        closed: (code) => complain(`topics: closed with ${code}`),
      });
      this.lines.push(line);
    });
  }
}
