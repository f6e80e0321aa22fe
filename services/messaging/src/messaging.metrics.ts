import { counter } from '@parley/telemetry';

export const topicPublications = counter('parley.messaging.topic.publications', {
  unit: '{message}',
  description: 'Messages published on topics, by result.',
});

export const directSends = counter('parley.messaging.direct.sends', {
  unit: '{message}',
  description:
    'Direct messages by result: delivered, waiting, dropped (not to wait, nobody there), repeated, or the error.',
});

export const directTaken = counter('parley.messaging.direct.taken', {
  unit: '{message}',
  description: 'Direct messages handed out of queues.',
});

export const directReleased = counter('parley.messaging.direct.claims.released', {
  unit: '{message}',
  description: 'Direct messages taken by a connection that never confirmed them; they are given again.',
});

export const directExpired = counter('parley.messaging.direct.expired', {
  unit: '{message}',
  description: 'Direct messages removed because their time to wait was over.',
});

export const notifications = counter('parley.messaging.notifications', {
  unit: '{notification}',
  description: 'Notifications sent, by audience.',
});
