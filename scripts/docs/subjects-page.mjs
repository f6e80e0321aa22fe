// @ts-check
import { definitionsOf, loadContracts } from './contracts.mjs';
import { code, page, table } from './table.mjs';

/** @typedef {import('./contracts.mjs').Schema} Schema */

/** Every subject that Parley uses on NATS. @param {string} root @returns {Promise<string>} */
export async function subjectsPage(root) {
  const contracts = await loadContracts(root);
  const { requests, events } = definitionsOf(contracts);
  const durable = events.filter(({ channel }) => channel !== 'live');
  const live = events.filter(({ channel }) => channel === 'live');
  return page('Subjects', '`libs/contracts/src/*.contract.ts`', [
    'What travels on the bus. Ids are the only part of a subject that comes from outside, and they are checked first.',
    '## Requests',
    `One service answers, in a queue group of its name. With \`<shard>\` (0 to ${contracts['SHARDS'] - 1}) it is the owner of that shard, which handles the shard’s requests in order; with \`<gateway>\` it is that gateway. Besides the errors named here, any request may fail with \`invalid\`, \`unavailable\`, \`timeout\` or \`internal\`.`,
    table(
      ['Subject', 'Fields', 'Deadline', 'Errors'],
      requests.map(({ service, verb, shard, gateway, request, deadlineMs, errors }) => [
        code(
          `rpc.${service}.${verb}${shard === undefined ? '' : '.<shard>'}${gateway === undefined ? '' : '.<gateway>'}`,
        ),
        fields(request),
        `${deadlineMs / 1_000} s`,
        errors.map(code).join(' '),
      ]),
    ),
    '## Durable events',
    'Published to the stream’s subject, stored, and republished to the one that gateways listen on, with their sequence and that of the event before on the same subject.',
    table(
      ['Listen', 'Publish', 'Stream', 'Fields'],
      durable.map((event) => [
        code(event.subject('<id>')),
        code(event.ingress('<id>')),
        event.channel,
        fields(event.payload),
      ]),
    ),
    ...(live.length === 0
      ? []
      : [
          '## Live events',
          'Never stored; the next one supersedes them.',
          table(
            ['Subject', 'Fields'],
            live.map((event) => [code(event.subject('<id>')), fields(event.payload)]),
          ),
        ]),
  ]);
}

/** Names of a schema's fields; `?` marks those that may be missing. @param {Schema} schema */
function fields({ properties = {}, required = [] }) {
  return Object.keys(properties)
    .map((name) => code(required.includes(name) ? name : `${name}?`))
    .join(' ');
}
