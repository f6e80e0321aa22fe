import { messages, type ChatMessage, type ServerEvent } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { expect } from 'vitest';
import type { ChatWorld, Community } from './chat-world.js';

/** Seconds for the owner of a dead replica's shards to come and announce what is left. */
const SETTLED_MS = 20_000;

interface Place extends Community {
  readonly heard: readonly ServerEvent[];
  readonly answered: ChatMessage[];
}

/** Owner and member of each of some servers post without a pause, never the same text twice, and note what is answered. */
export class ChatLoad {
  refused = 0;
  #posting = true;
  readonly #posters: Promise<void>[];

  private constructor(
    private readonly world: ChatWorld,
    private readonly places: readonly Place[],
  ) {
    this.#posters = places.flatMap((place) => [this.#post(place, 'owner'), this.#post(place, 'member')]);
  }

  static async start(world: ChatWorld, servers: number): Promise<ChatLoad> {
    const communities = await Promise.all(Array.from({ length: servers }, () => world.community()));
    const places: Place[] = [];
    for (const one of communities) places.push({ ...one, heard: await world.listen(one.server.id), answered: [] });
    return new ChatLoad(world, places);
  }

  get answered(): number {
    return this.places.reduce((sum, { answered }) => sum + answered.length, 0);
  }

  async stop(): Promise<void> {
    this.#posting = false;
    await Promise.all(this.#posters);
  }

  /** What was not answered may be there too, once. */
  async expectOneTruth(): Promise<void> {
    for (const { channel, owner, heard, answered } of this.places) {
      const listed = await this.world.listing(owner, channel.id);
      await waitFor(() => heard.length >= listed.length, 'everything to be announced', SETTLED_MS);
      expect(heard).toEqual(listed.map((message) => ({ type: 'message_created', message })));
      const contents = listed.map(({ content }) => content);
      expect(new Set(contents).size).toBe(contents.length);
      const known = new Map(listed.map((message) => [message.id, message]));
      for (const message of answered) expect(known.get(message.id)).toEqual(message);
    }
  }

  async #post(place: Place, who: 'owner' | 'member'): Promise<void> {
    const [actorId, channelId] = [place[who], place.channel.id];
    for (let n = 0; this.#posting; n++) {
      const posting = { actorId, channelId, content: `${who} ${String(n)}` };
      const outcome = await this.world.bus.call(messages.post, posting, { deadlineMs: 1_000 });
      if (outcome.ok) place.answered.push(outcome.value);
      else this.refused++;
    }
  }
}
