// @ts-check
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** @typedef {Record<string, any>} Schema */

/** What Kubernetes says of its types in OpenAPI 2, and the definitions of extensions, as one judge of manifests. */
export class Schemas {
  /** @type {Map<string, Schema>} `apps/v1 Deployment` → schema */
  #kinds = new Map();
  /** @type {Record<string, Schema>} */
  #definitions;

  /** @param {{openApi: string, extensions: readonly string[]}} files */
  constructor({ openApi, extensions }) {
    this.#definitions = JSON.parse(readFileSync(openApi, 'utf8')).definitions;
    for (const schema of Object.values(this.#definitions)) {
      for (const { group, version, kind } of schema['x-kubernetes-group-version-kind'] ?? []) {
        this.#kinds.set(`${group === '' ? '' : `${group}/`}${version} ${kind}`, schema);
      }
    }
    for (const file of extensions) {
      const { spec } = parse(readFileSync(file, 'utf8'));
      for (const { name, schema } of spec.versions) {
        this.#kinds.set(`${spec.group}/${name} ${spec.names.kind}`, schema.openAPIV3Schema);
      }
    }
  }

  /** @param {Record<string, any>} manifest @returns {string[]} what is wrong, with its path */
  problems(manifest) {
    const name = `${manifest['apiVersion']} ${manifest['kind']}`;
    const schema = this.#kinds.get(name);
    if (schema === undefined) return [`${name} is no type that Kubernetes knows`];
    /** @type {string[]} */
    const problems = [];
    this.#check(manifest, schema, '', problems);
    return problems;
  }

  /** @param {any} value @param {Schema} given @param {string} path @param {string[]} problems */
  #check(value, given, path, problems) {
    const schema = this.#resolved(given);
    if (value === null) return;
    const wanted = typeOf(schema);
    if (wanted !== undefined && !fits(value, wanted)) {
      problems.push(`${path}: ${JSON.stringify(value)} is no ${wanted}`);
      return;
    }
    if (schema.enum !== undefined && !schema.enum.includes(value))
      problems.push(`${path}: ${JSON.stringify(value)} is none of ${schema.enum.join(', ')}`);
    if (schema.pattern !== undefined && typeof value === 'string' && !new RegExp(schema.pattern).test(value))
      problems.push(`${path}: ${value} does not match ${schema.pattern}`);
    if (Array.isArray(value)) {
      if (schema.items !== undefined)
        value.forEach((item, at) => this.#check(item, schema.items, `${path}[${at}]`, problems));
    } else if (typeof value === 'object') this.#checkObject(value, schema, path, problems);
  }

  /** @param {Record<string, any>} value @param {Schema} schema @param {string} path @param {string[]} problems */
  #checkObject(value, schema, path, problems) {
    for (const name of schema['required'] ?? []) {
      if (!(name in value)) problems.push(`${path}.${name} is missing`);
    }
    for (const [name, inner] of Object.entries(value)) {
      const property = schema['properties']?.[name];
      const others = schema['additionalProperties'];
      if (property !== undefined) this.#check(inner, property, `${path}.${name}`, problems);
      else if (typeof others === 'object') this.#check(inner, others, `${path}.${name}`, problems);
      else if (schema['properties'] !== undefined && schema['x-kubernetes-preserve-unknown-fields'] !== true)
        problems.push(`${path}.${name} is no field that Kubernetes knows`);
    }
  }

  /** @param {Schema} schema @returns {Schema} */
  #resolved(schema) {
    const reference = schema['$ref'];
    if (typeof reference !== 'string') return schema;
    return this.#resolved(this.#definitions[reference.slice('#/definitions/'.length)] ?? {});
  }
}

/** @param {Schema} schema @returns {string | undefined} */
function typeOf(schema) {
  if (schema['format'] === 'int-or-string' || schema['x-kubernetes-int-or-string'] === true) return 'number or string';
  // Quantities are strings to the API and often numbers to people; the API takes both.
  if (schema['type'] === 'string' && schema['description']?.startsWith('Quantity is')) return 'number or string';
  return schema['type'];
}

/** @param {any} value @param {string} type */
function fits(value, type) {
  switch (type) {
    case 'number or string':
      return typeof value === 'number' || typeof value === 'string';
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}
