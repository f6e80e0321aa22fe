import { counter, histogram } from '@parley/telemetry';

export const chatCommits = counter('parley.messaging.chat.commits', {
  unit: '{transaction}',
  description: 'Transactions that wrote servers, channels or messages of chat. One can hold many messages.',
});

export const chatMessages = counter('parley.messaging.chat.messages', {
  unit: '{message}',
  description: 'Messages of chat by result: posted, edited, deleted, or the error.',
});

export const chatBatches = histogram('parley.messaging.chat.batch', {
  unit: '{message}',
  description: 'Messages, edits and deletions that were committed together.',
  boundaries: [1, 2, 5, 10, 20, 50, 100, 200],
});

export const memberships = counter('parley.messaging.chat.memberships', {
  unit: '{membership}',
  description: 'Memberships that began or ended, by change: joined, left, kicked, banned, server_deleted.',
});
