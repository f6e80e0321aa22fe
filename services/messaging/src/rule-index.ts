import type { PatternTokens } from './topic-pattern.js';

interface Node<R> {
  readonly children: Map<string, Node<R>>;
  /** Rules whose pattern ends here. */
  readonly here: R[];
  /** Rules whose pattern ends here with a `>`. */
  readonly rest: R[];
}

/**
 * Rules by their patterns, token by token. Whoever subscribes to five hundred patterns asks about thousands of topics, so
 * neither question may look at every rule.
 */
export class RuleIndex<R extends { readonly tokens: PatternTokens }> {
  readonly #root: Node<R> = emptyNode();

  constructor(rules: readonly R[]) {
    for (const rule of rules) this.#add(rule);
  }

  /** Those that match the topic, in no order. */
  matching(topic: PatternTokens): R[] {
    const found: R[] = [];
    match(this.#root, topic, 0, found);
    return found;
  }

  /** Those that match some topic of the pattern, in no order. */
  meeting(pattern: PatternTokens): R[] {
    const found: R[] = [];
    meet(this.#root, pattern, 0, found);
    return found;
  }

  #add(rule: R): void {
    const open = rule.tokens.at(-1) === '>';
    let node = this.#root;
    for (const token of open ? rule.tokens.slice(0, -1) : rule.tokens) {
      let child = node.children.get(token);
      if (child === undefined) node.children.set(token, (child = emptyNode()));
      node = child;
    }
    (open ? node.rest : node.here).push(rule);
  }
}

function emptyNode<R>(): Node<R> {
  return { children: new Map(), here: [], rest: [] };
}

function match<R>(node: Node<R>, topic: PatternTokens, depth: number, found: R[]): void {
  const token = topic[depth];
  if (token === undefined) {
    found.push(...node.here);
    return;
  }
  found.push(...node.rest);
  for (const name of namesOf(token)) {
    const child = node.children.get(name);
    if (child !== undefined) match(child, topic, depth + 1, found);
  }
}

function meet<R>(node: Node<R>, pattern: PatternTokens, depth: number, found: R[]): void {
  const token = pattern[depth];
  if (token === undefined) {
    found.push(...node.here);
    return;
  }
  found.push(...node.rest);
  if (token === '>' || token === '*') {
    for (const child of node.children.values()) {
      if (token === '>') all(child, found);
      else meet(child, pattern, depth + 1, found);
    }
    return;
  }
  for (const name of namesOf(token)) {
    const child = node.children.get(name);
    if (child !== undefined) meet(child, pattern, depth + 1, found);
  }
}

function all<R>(node: Node<R>, found: R[]): void {
  found.push(...node.here, ...node.rest);
  for (const child of node.children.values()) all(child, found);
}

/** The tokens of rules that a topic's token fits. */
function namesOf(token: string): readonly string[] {
  return token.startsWith('$') ? [token, '*', '$*'] : [token, '*'];
}
