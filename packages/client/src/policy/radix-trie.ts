/** Values by text, found by every longer text that begins with it. */
export interface RadixTrie<Value> {
  add(key: string, value: Value): void;
  delete(key: string, value: Value): void;
  /** Values whose key is a beginning of `text`, longest key first; of one key, latest first. */
  beginningsOf(text: string): Value[];
  readonly size: number;
}

interface Node<Value> {
  /** Text between the parent and this node; only the root's is empty. */
  edge: string;
  readonly children: Map<string, Node<Value>>;
  values: Value[];
}

/**
 * A radix tree (Morrison, PATRICIA, 1968): keys that begin alike, as the prefixes of one document do, share what they
 * begin with, and a look-up reads its text once however many keys there are.
 */
export function createRadixTrie<Value>(): RadixTrie<Value> {
  const root = node<Value>('');
  let size = 0;

  /** The nodes along `key`, root first; the last one is where it ends. Splits and grows what is missing. */
  function pathTo(key: string): Node<Value> {
    let at = root;
    for (let read = 0; read < key.length;) {
      const child = at.children.get(key[read]!);
      if (!child) return attach(at, node(key.slice(read)));
      const common = agreement(child.edge, key, read);
      if (common < child.edge.length) split(at, child, common);
      at = at.children.get(key[read]!)!;
      read += common;
    }
    return at;
  }

  function split(parent: Node<Value>, child: Node<Value>, at: number): void {
    const middle = attach(parent, node<Value>(child.edge.slice(0, at)));
    child.edge = child.edge.slice(at);
    attach(middle, child);
  }

  /** The nodes along `text` that it passes through whole, root first. */
  function along(text: string): Node<Value>[] {
    const passed = [root];
    for (let at: Node<Value> | undefined = root, read = 0; at;) {
      at = at.children.get(text[read] ?? '');
      if (!at || !text.startsWith(at.edge, read)) break;
      read += at.edge.length;
      passed.push(at);
    }
    return passed;
  }

  return {
    add(key, value) {
      pathTo(key).values.push(value);
      size += 1;
    },
    delete(key, value) {
      const passed = along(key);
      const last = passed.at(-1)!;
      const read = passed.reduce((length, { edge }) => length + edge.length, 0);
      const at = last.values.indexOf(value);
      if (at < 0 || read < key.length) return;
      last.values.splice(at, 1);
      size -= 1;
      for (let depth = passed.length - 1; depth > 0; depth--) tidy(passed[depth - 1]!, passed[depth]!);
    },
    beginningsOf: (text) =>
      along(text)
        .toReversed()
        .flatMap(({ values }) => values.toReversed()),
    get size() {
      return size;
    },
  };
}

/** Removes a node without values that leads nowhere, or joins it with the only one that it leads to. */
function tidy<Value>(parent: Node<Value>, child: Node<Value>): void {
  if (child.values.length > 0 || child.children.size > 1) return;
  const [only] = child.children.values();
  if (!only) {
    parent.children.delete(child.edge[0]!);
    return;
  }
  only.edge = child.edge + only.edge;
  attach(parent, only);
}

function node<Value>(edge: string): Node<Value> {
  return { edge, children: new Map(), values: [] };
}

function attach<Value>(parent: Node<Value>, child: Node<Value>): Node<Value> {
  parent.children.set(child.edge[0]!, child);
  return child;
}

/** How many characters of `edge` stand in `key` from `from` on. */
function agreement(edge: string, key: string, from: number): number {
  let length = 0;
  while (length < edge.length && edge[length] === key[from + length]) length += 1;
  return length;
}
