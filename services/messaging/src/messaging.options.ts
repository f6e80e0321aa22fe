import { defineOptions, option, type Options } from '@parley/config';
import { TopicRuleList } from './topic-rules.js';

export const messagingOptions = defineOptions({
  topicRules: option.json({
    env: 'PARLEY_TOPIC_RULES',
    schema: TopicRuleList,
    default: [],
    doc:
      'Who may use which topics: a list of {"pattern", "publish"?, "subscribe"?, "history"?: {"messages", "seconds"}}; publish and ' +
      'subscribe are "anyone", "server" (the server API only) or "nobody". The most specific rule that states it decides.',
  }),
  historyMessages: option.integer({
    env: 'PARLEY_TOPICS_HISTORY_MESSAGES',
    default: 100,
    min: 0,
    max: 100_000,
    doc: 'Messages that a topic keeps, unless a rule says otherwise.',
  }),
  historySeconds: option.integer({
    env: 'PARLEY_TOPICS_HISTORY_SECONDS',
    default: 86_400,
    min: 0,
    max: 31_536_000,
    doc: 'Seconds for which a topic keeps its messages, unless a rule says otherwise.',
  }),
  messageMaxBytes: option.integer({
    env: 'PARLEY_MESSAGE_MAX_BYTES',
    default: 917_504,
    min: 1_024,
    max: 67_108_864,
    doc:
      'Largest payload with its metadata, in bytes, as it stands in history and queues: escaped as a JSON string, or base64 for ' +
      'binary ones. With some room for its head it must fit into the max_payload of nats-server.',
  }),
  directTtlSeconds: option.integer({
    env: 'PARLEY_DIRECT_TTL_SECONDS',
    default: 604_800,
    min: 0,
    max: 2_592_000,
    doc: 'Seconds for which a direct message waits for its recipient, unless its sender says otherwise.',
  }),
  directQueueLimit: option.integer({
    env: 'PARLEY_DIRECT_QUEUE_LIMIT',
    default: 1_000,
    min: 1,
    max: 100_000,
    doc: 'Direct messages that may wait for one recipient.',
  }),
  directClaimSeconds: option.integer({
    env: 'PARLEY_DIRECT_CLAIM_SECONDS',
    default: 30,
    min: 1,
    max: 600,
    doc: 'Seconds after which waiting messages that a connection took, but did not confirm, are given again.',
  }),
  directReceiptsMs: option.integer({
    env: 'PARLEY_DIRECT_RECEIPTS_MS',
    default: 500,
    min: 1,
    max: 2_000,
    doc:
      'Longest wait for gateways to say to which connections they wrote a direct message, milliseconds. One that answers later ' +
      'may be offered the message once more.',
  }),
  notificationReceiptsMs: option.integer({
    env: 'PARLEY_NOTIFICATION_RECEIPTS_MS',
    default: 50,
    min: 1,
    max: 2_000,
    doc: 'Longest wait for gateways to count to how many connections they wrote a notification, milliseconds.',
  }),
  serversPerUser: option.integer({
    env: 'PARLEY_CHAT_SERVERS_PER_USER',
    default: 100,
    min: 1,
    // As many as fit into one answer with the longest texts.
    max: 130,
    doc: 'Servers of chat that a user can be a member of.',
  }),
  channelsPerServer: option.integer({
    env: 'PARLEY_CHAT_CHANNELS_PER_SERVER',
    default: 500,
    min: 1,
    max: 1_000,
    doc: 'Channels that a server of chat can have.',
  }),
  membersPerServer: option.integer({
    env: 'PARLEY_CHAT_MEMBERS_PER_SERVER',
    default: 10_000,
    min: 1,
    max: 1_000_000,
    doc: 'Members that a server of chat can have.',
  }),
  demoServer: option.string({
    env: 'PARLEY_DEMO_SERVER',
    optional: true,
    doc: 'Name of an account that gets a server with two channels to try chat with, unless it is a member of one already.',
  }),
});
export type MessagingOptions = Options<typeof messagingOptions>;
