import { messaging } from '@parley/contracts';
import { call, send, type Commands } from '../../command.js';
import { acknowledge, historyFrame } from '../encode.js';
import { refuse } from '../errors.js';
import type { UpHistory } from '../up.js';
import { actorOf, type Scope } from './scope.js';

const DEFAULT_PAGE = 50;

export function history(scope: Scope, message: UpHistory): Commands {
  const { topic, before, limit } = message.data;
  const request = {
    actor: actorOf(scope.login),
    topic,
    limit: limit ?? DEFAULT_PAGE,
    ...(before === undefined ? {} : { before }),
  };
  return [
    call(messaging.topicHistory, request, (page) => {
      if (!page.ok) return refuse(page.error, message.id);
      const { messages, more } = page.value;
      return [send(historyFrame(topic, messages, more)), ...acknowledge(message.id, 'answered')];
    }),
  ];
}
