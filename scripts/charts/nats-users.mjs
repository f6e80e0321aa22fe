// @ts-check
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { definitionsOf, loadContracts } from '../docs/contracts.mjs';

/**
 * @typedef {{publish: string[], subscribe: string[]}} Permissions what one user may do on NATS
 * @typedef {{asks: Set<string>, announces: Set<string>, hears: Set<string>, does: Set<string>}} Usage requests and events
 *   by the path under which contracts export them, and the bus's own methods
 */

/** The one edge, and the services behind it: a user each. */
export const USERS = /** @type {const} */ ([
  'gateway',
  'auth',
  'presence',
  'messaging',
  'rooms',
  'signaling',
  'session',
]);

/** Dialects ask and announce on the gateway's connection. */
const GATEWAY_SOURCES = ['services/gateway/src', 'libs/dialects/src'];

const PUBLISHES = /\.(publish|emit)$/;

/** What the bus stores; every process makes sure of all of it when it starts. */
const STREAMS = ['EVENTS', 'TOPICS', 'KV_gateways', 'KV_answers'];

/** Methods of the bus that need more than their definition says. */
const METHODS = new Set([
  'read',
  'receipts',
  'answerReceipts',
  'sendReceipt',
  'holdLease',
  'watchLeases',
  'remember',
  'recall',
  'callExtension',
]);

/**
 * Who may publish and subscribe what, read from the sources: a verb that a service begins to ask appears here with the
 * next `npm run docs`-like run of `scripts/charts/generate.mjs`, and a test fails until then.
 * @param {string} root
 * @returns {Promise<Record<string, Permissions>>}
 */
export async function natsUsers(root) {
  const contracts = await loadContracts(root);
  const known = definitionsIn(contracts);
  /** @type {Record<string, Permissions>} */
  const users = {};
  for (const user of USERS) {
    const folders = user === 'gateway' ? GATEWAY_SOURCES : [`services/${user}/src`];
    users[user] = permissionsOf(user, usageIn(root, folders, user, known), known);
  }
  return users;
}

/**
 * By `auth.login` or `roomEvent`.
 * @typedef {Map<string, import('../docs/contracts.mjs').Request>} Requests
 * @typedef {Map<string, import('../docs/contracts.mjs').Event>} Events
 * @param {Record<string, any>} contracts
 * @returns {{requests: Requests, events: Events}}
 */
function definitionsIn(contracts) {
  const { requests, events } = definitionsOf(contracts);
  /** @type {Requests} */
  const requestsByPath = new Map();
  /** @type {Events} */
  const eventsByPath = new Map();
  for (const [name, value] of Object.entries(contracts)) {
    if (events.includes(value)) eventsByPath.set(name, value);
    if (typeof value !== 'object' || value === null) continue;
    for (const [verb, inner] of Object.entries(value)) {
      if (requests.includes(inner)) requestsByPath.set(`${name}.${verb}`, inner);
    }
  }
  return { requests: requestsByPath, events: eventsByPath };
}

/**
 * @param {string} user
 * @param {Usage} usage
 * @param {{requests: Requests, events: Events}} known
 * @returns {Permissions}
 */
function permissionsOf(user, usage, known) {
  // Answers: to who asked, and to who counts receipts. Nobody can guess another's inbox, and nobody may list them.
  const publish = new Set(['_INBOX.>']);
  const subscribe = new Set(['_INBOX.>']);
  for (const stream of STREAMS) {
    for (const verb of ['INFO', 'CREATE', 'UPDATE']) publish.add(`$JS.API.STREAM.${verb}.${stream}`);
  }
  if (user === 'gateway') {
    // The edge: it asks whatever clients ask for, hears whatever they may hear, and says what goes on in it.
    publish.add('rpc.>');
    subscribe.add('rpc.gateway.>');
    subscribe.add('evt.>');
  } else {
    subscribe.add(`rpc.${user}.>`);
    for (const path of usage.asks) {
      const request = known.requests.get(path);
      if (request === undefined) continue;
      const isPlaced = request.shard !== undefined || request.gateway !== undefined;
      publish.add(`rpc.${request.service}.${request.verb}${isPlaced ? '.*' : ''}`);
    }
    for (const path of usage.hears) subscribe.add(wide(known.events.get(path)?.subject('*') ?? ''));
  }
  for (const path of usage.announces) publish.add(wide(known.events.get(path)?.ingress('*') ?? ''));
  for (const method of usage.does) methodNeeds(method, publish, subscribe);
  return { publish: [...publish].sort(), subscribe: [...subscribe].sort() };
}

/** A topic is several tokens. @param {string} subject */
function wide(subject) {
  return /^(evt\.topic|in\.topics)\.\*$/.test(subject) ? subject.replace(/\*$/, '>') : subject;
}

/**
 * What `libs/bus` does on NATS for one of its methods.
 * @param {string} method
 * @param {Set<string>} publish
 * @param {Set<string>} subscribe
 */
function methodNeeds(method, publish, subscribe) {
  switch (method) {
    case 'read':
      for (const stream of ['EVENTS', 'TOPICS']) {
        publish.add(`$JS.API.STREAM.MSG.GET.${stream}`);
        publish.add(`$JS.API.CONSUMER.CREATE.${stream}`);
        publish.add(`$JS.API.CONSUMER.CREATE.${stream}.>`);
        publish.add(`$JS.API.CONSUMER.MSG.NEXT.${stream}.*`);
        publish.add(`$JS.API.CONSUMER.DELETE.${stream}.*`);
      }
      break;
    case 'receipts':
      publish.add('rcpt.ask');
      watchLeases(publish, subscribe);
      break;
    case 'answerReceipts':
      subscribe.add('rcpt.ask');
      break;
    case 'holdLease':
      publish.add('$KV.gateways.*');
      break;
    case 'watchLeases':
      watchLeases(publish, subscribe);
      break;
    case 'remember':
      publish.add('$KV.answers.*');
      break;
    case 'recall':
      publish.add('$JS.API.DIRECT.GET.KV_answers.>');
      break;
    case 'callExtension':
      publish.add('ext.*');
      break;
    default:
      break;
  }
}

/** @param {Set<string>} publish @param {Set<string>} subscribe */
function watchLeases(publish, subscribe) {
  subscribe.add('$KV.gateways.*');
  publish.add('$JS.API.DIRECT.GET.KV_gateways.>');
}

/**
 * @param {string} root
 * @param {readonly string[]} folders
 * @param {string} user
 * @param {{requests: Requests, events: Events}} known
 * @returns {Usage}
 */
function usageIn(root, folders, user, known) {
  /** @type {Usage} */
  const usage = { asks: new Set(), announces: new Set(), hears: new Set(), does: new Set() };
  for (const file of folders.flatMap((folder) => sources(join(root, folder)))) {
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
    const names = importedFromContracts(source);
    visit(source, (node) => {
      if (isMethodOfBus(node)) usage.does.add(node.name.text);
      if (!ts.isIdentifier(node) || isDeclaration(node)) return;
      const name = names.get(node.text);
      if (name === undefined) return;
      if (known.events.has(name)) useOfEvent(node, name, user, usage);
      else useOfRequest(node, name, user, usage, known.requests);
    });
  }
  return usage;
}

/** @param {ts.Node} node @returns {node is ts.PropertyAccessExpression} */
function isMethodOfBus(node) {
  if (!ts.isPropertyAccessExpression(node) || !METHODS.has(node.name.text)) return false;
  return /(^|[.#])(bus|caller)$/.test(node.expression.getText());
}

/** @param {ts.Identifier} node @param {string} name @param {string} user @param {Usage} usage */
function useOfEvent(node, name, user, usage) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.expression === node) {
    if (parent.name.text === 'subject') usage.hears.add(name);
    else if (parent.name.text === 'ingress') usage.announces.add(name);
  } else if (ts.isCallExpression(parent) && (user !== 'gateway' || PUBLISHES.test(parent.expression.getText()))) {
    // A service hands it to `publish`, the outbox or something of its own before them; dialects also to their decoders.
    usage.announces.add(name);
  }
}

/**
 * @param {ts.Identifier} node
 * @param {string} group
 * @param {string} user
 * @param {Usage} usage
 * @param {Requests} requests
 */
function useOfRequest(node, group, user, usage, requests) {
  const access = node.parent;
  if (!ts.isPropertyAccessExpression(access) || access.expression !== node) return;
  const path = `${group}.${access.name.text}`;
  const request = requests.get(path);
  if (request === undefined) return;
  const call = access.parent;
  const called =
    ts.isCallExpression(call) && ts.isPropertyAccessExpression(call.expression) ? call.expression : undefined;
  // Its own verbs it serves, unless it says in so many words that it calls them.
  if (request.service !== user || called?.name.text === 'call') usage.asks.add(path);
}

/** Local name → exported name. @param {ts.SourceFile} source @returns {Map<string, string>} */
function importedFromContracts(source) {
  /** @type {Map<string, string>} */
  const names = new Map();
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    if (statement.moduleSpecifier.text !== '@parley/contracts') continue;
    const bindings = statement.importClause?.namedBindings;
    if (bindings === undefined || !ts.isNamedImports(bindings)) continue;
    for (const { name, propertyName } of bindings.elements) names.set(name.text, (propertyName ?? name).text);
  }
  return names;
}

/** The name in an import, or after a dot, is no use of it. @param {ts.Identifier} node */
function isDeclaration({ parent, text }) {
  if (ts.isImportSpecifier(parent)) return true;
  return ts.isPropertyAccessExpression(parent) && parent.name.text === text && parent.expression.getText() !== text;
}

/** @param {ts.Node} node @param {(node: ts.Node) => void} each */
function visit(node, each) {
  each(node);
  ts.forEachChild(node, (child) => visit(child, each));
}

/** Without tests. @param {string} folder @returns {string[]} */
function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return /^(test|testing|faults|fixtures|dist)$/.test(entry.name) ? [] : sources(path);
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') && entry.name !== 'testing.ts' ? [path] : [];
  });
}
