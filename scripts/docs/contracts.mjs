// @ts-check
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @typedef {{service: string, verb: string, errors: readonly string[], deadlineMs: number, shard?: unknown, gateway?: unknown, request: Schema}} Request
 * @typedef {{kind: string, channel: string, scope: string, payload: Schema, subject: (id: string) => string, ingress: (id: string) => string}} Event
 * @typedef {{description?: string, properties?: Record<string, unknown>, required?: readonly string[]}} Schema
 */

/** @param {string} root @returns {Promise<Record<string, any>>} the door of @parley/contracts */
export function loadContracts(root) {
  return import(pathToFileURL(join(root, 'libs', 'contracts', 'dist', 'index.js')).href);
}

/**
 * Requests and events wherever contracts export them, alone or in a record such as `auth`.
 * @param {Record<string, any>} contracts
 * @returns {{requests: Request[], events: Event[]}}
 */
export function definitionsOf(contracts) {
  /** @type {Map<string, Request>} */
  const requests = new Map();
  /** @type {Map<string, Event>} */
  const events = new Map();
  const visit = (/** @type {any} */ value, /** @type {number} */ depth) => {
    if (typeof value !== 'object' || value === null || depth > 2) return;
    if ('verb' in value && 'requestCheck' in value) requests.set(`${value.service}.${value.verb}`, value);
    else if ('kind' in value && 'ingress' in value) events.set(value.kind, value);
    else for (const inner of Object.values(value)) visit(inner, depth + 1);
  };
  for (const value of Object.values(contracts)) visit(value, 0);
  const sorted = (/** @type {Map<string, any>} */ map) =>
    [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
  return { requests: sorted(requests), events: sorted(events) };
}
