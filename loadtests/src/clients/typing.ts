import type { User } from '../lib/accounts.js';
import { settles } from '../lib/compare.js';
import { checked, complain, missing, repeated } from '../lib/measures.js';
import { ask, pause } from '../lib/rest.js';
import { perSecond } from '../lib/settings.js';
import { wordOf, type CollabWriter } from './collab.js';

/** So many words a second, each after the last is acknowledged. */
export async function typeUntil(writer: CollabWriter, index: number, over: () => boolean): Promise<void> {
  for (let n = 0; !over(); n++) {
    const begun = Date.now();
    await writer.type(wordOf(index, n));
    await pause(begun + 1_000 / perSecond - Date.now());
  }
}

/** Nobody types any more: the document has each of these words once, and this writer has its last version. */
export async function compareRoom(
  writer: CollabWriter,
  user: User,
  roomId: string,
  words: readonly string[],
): Promise<void> {
  const tags = { dialect: 'collab' };
  const { body } = await ask('GET', `/rooms/${roomId}`, user.token);
  const content = typeof body['content'] === 'string' ? body['content'] : '';
  const version = Number(body['version']);
  for (const word of words) {
    const times = content.split(word).length - 1;
    if (times === 0) missing.add(1, tags);
    if (times > 1) repeated.add(1, tags);
  }
  if (!(await settles(() => writer.version >= version))) {
    complain(`collab: version ${version} is known as ${writer.version}`);
    missing.add(version - writer.version, tags);
  }
  checked.add(1, tags);
}
