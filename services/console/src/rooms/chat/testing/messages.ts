import type { ChatMessage } from '@parley/client';

/** A message with what the test cares about. */
export function messageOf(given: Partial<ChatMessage> & { readonly id: string }): ChatMessage {
  const updated = given.updated_at ?? null;
  return {
    channel_id: 'channel',
    author_id: 'ann',
    content: `content of ${given.id}`,
    created_at: '2026-01-01T00:00:00.000Z',
    reply_to: null,
    ...given,
    updated_at: updated,
    edited_at: updated,
  };
}
