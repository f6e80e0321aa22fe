import { SparseMap } from '@parley/dialects';

interface Node<T> {
  readonly children: SparseMap<string, Node<T>>;
  value: T | undefined;
}

/** Which of many subjects and patterns match a subject, without asking each: `*` is one token, a last `>` one or more. */
export class SubjectTrie<T> {
  private readonly root: Node<T> = newNode();

  set(pattern: string, value: T): void {
    let node = this.root;
    for (const token of pattern.split('.')) {
      let child = node.children.get(token);
      if (child === undefined) {
        child = newNode();
        node.children.set(token, child);
      }
      node = child;
    }
    node.value = value;
  }

  delete(pattern: string): void {
    prune(this.root, pattern.split('.'), 0);
  }

  match(subject: string): T[] {
    const found: T[] = [];
    collect(this.root, subject.split('.'), 0, found);
    return found;
  }
}

function newNode<T>(): Node<T> {
  return { children: new SparseMap(), value: undefined };
}

function collect<T>(node: Node<T>, tokens: readonly string[], depth: number, found: T[]): void {
  const token = tokens[depth];
  if (token === undefined) {
    if (node.value !== undefined) found.push(node.value);
    return;
  }
  const rest = node.children.get('>');
  if (rest?.value !== undefined) found.push(rest.value);
  const exact = node.children.get(token);
  if (exact !== undefined) collect(exact, tokens, depth + 1, found);
  const any = node.children.get('*');
  if (any !== undefined) collect(any, tokens, depth + 1, found);
}

/** True when the node has become empty and its parent may drop it. */
function prune<T>(node: Node<T>, tokens: readonly string[], depth: number): boolean {
  const token = tokens[depth];
  if (token === undefined) {
    node.value = undefined;
  } else {
    const child = node.children.get(token);
    if (child !== undefined && prune(child, tokens, depth + 1)) node.children.delete(token);
  }
  return node.value === undefined && node.children.size === 0;
}
