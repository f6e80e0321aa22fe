import { messaging } from '@parley/contracts';
import { none, type Caller, type Commands } from '../../command.js';
import { acknowledge, reply } from '../encode.js';
import { refuse } from '../errors.js';
import type { UpBinary, UpBinaryRoute } from '../up.js';
import { absent, refuseUser, resolveUser } from './direct-message.js';
import { actorOf, type BinaryRoute, type Scope } from './scope.js';

/**
 * A well-formed frame is acknowledged as received, whatever becomes of it; what goes wrong on its route is told by an
 * `Error` after that.
 */
export function binary(scope: Scope, { format, body }: UpBinary): Commands {
  const checksum = `sha256:${scope.context.sha256(body)}`;
  const details = { size: body.length, type: format, checksum };
  const received = reply({ type: 'Status', data: { status: 'binary_received', details } });
  const route = scope.routes.get(format);
  if (route === undefined) return [received];
  const content = { format, checksum, ...(route.name === undefined ? {} : { name: route.name }) };
  return [received, { kind: 'call', perform: (caller) => forward(scope, caller, route, content, body) }];
}

type Content = Pick<UpBinary, 'format'> & { readonly checksum: string; readonly name?: string };

async function forward(
  scope: Scope,
  caller: Caller,
  route: BinaryRoute,
  content: Content,
  body: Uint8Array,
): Promise<Commands> {
  if (route.to === 'topic') {
    const request = { actor: actorOf(scope.login), topic: route.topic, ...content };
    const published = await caller.call(messaging.publishTopic, request, { body });
    return published.ok ? none : refuse(published.error, undefined);
  }
  const request = { from: scope.login.userId, to: route.userId, ...content };
  const sent = await caller.call(messaging.sendDirect, request, { body });
  if (!sent.ok) return refuseUser(sent.error, route.asked, undefined);
  return sent.value.deliveredTo.length > 0 ? none : refuse(absent(route.asked), undefined, { queued: true });
}

/** Whether the client may publish there is asked for each frame, as for any message. */
export function binaryRoute(scope: Scope, message: UpBinaryRoute): Commands {
  const { type, topic, target_user: user, name } = message.data;
  const named = name === undefined ? {} : { name };
  if (user !== undefined) return [{ kind: 'call', perform: (caller) => routeToUser(scope, caller, message, user) }];
  if (topic === undefined) scope.routes.delete(type);
  else scope.routes.set(type, { to: 'topic', topic, ...named });
  return routed(message);
}

async function routeToUser(scope: Scope, caller: Caller, message: UpBinaryRoute, asked: string): Promise<Commands> {
  const { type, name } = message.data;
  const found = await resolveUser(caller, asked);
  if (!found.ok) return refuseUser(found.error, asked, message.id);
  scope.routes.set(type, { to: 'user', userId: found.value, asked, ...(name === undefined ? {} : { name }) });
  return routed(message);
}

function routed({ data, id }: UpBinaryRoute): Commands {
  const { type, topic, target_user, name } = data;
  const details = {
    type,
    ...(topic === undefined ? {} : { topic }),
    ...(target_user === undefined ? {} : { target_user }),
    ...(name === undefined ? {} : { name }),
  };
  return [reply({ type: 'Status', data: { status: 'binary_routed', details } }), ...acknowledge(id, 'routed')];
}
