/**
 * Items by the time at which something happens to them: a binary heap whose
 * nodes know their place, so that any of them can be taken out in O(log n).
 */

export interface HeapNode<T> {
  readonly item: T;
  /** Milliseconds, or whatever the heap is ordered by. */
  readonly dueAt: number;
  /** Breaks ties: what was added first comes first. */
  readonly order: number;
  /** Its place, or -1 once it is out. */
  index: number;
}

export class DueHeap<T> {
  readonly #nodes: HeapNode<T>[] = [];
  #added = 0;

  get size(): number {
    return this.#nodes.length;
  }

  add(item: T, dueAt: number): HeapNode<T> {
    const node: HeapNode<T> = { item, dueAt, order: this.#added++, index: this.#nodes.length };
    this.#nodes.push(node);
    this.#rise(node);
    return node;
  }

  /** The earliest node; stays in. */
  peek(): HeapNode<T> | undefined {
    return this.#nodes[0];
  }

  /** Takes a node out; one that is out already is left alone. */
  remove(node: HeapNode<T>): void {
    const { index } = node;
    if (index < 0) return;
    node.index = -1;
    const last = this.#nodes.pop();
    if (!last || last === node) return;
    this.#place(last, index);
    this.#rise(last);
    this.#sink(last);
  }

  clear(): void {
    for (const node of this.#nodes) node.index = -1;
    this.#nodes.length = 0;
  }

  #rise(node: HeapNode<T>): void {
    let { index } = node;
    while (index > 0) {
      const parent = this.#nodes[(index - 1) >> 1];
      if (!parent || !isBefore(node, parent)) break;
      const above = parent.index;
      this.#place(parent, index);
      index = above;
    }
    this.#place(node, index);
  }

  #sink(node: HeapNode<T>): void {
    let { index } = node;
    for (;;) {
      const left = this.#nodes[2 * index + 1];
      const right = this.#nodes[2 * index + 2];
      const child = left && right && isBefore(right, left) ? right : left;
      if (!child || !isBefore(child, node)) break;
      const below = child.index;
      this.#place(child, index);
      index = below;
    }
    this.#place(node, index);
  }

  #place(node: HeapNode<T>, index: number): void {
    this.#nodes[index] = node;
    node.index = index;
  }
}

function isBefore(a: HeapNode<unknown>, b: HeapNode<unknown>): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order);
}
