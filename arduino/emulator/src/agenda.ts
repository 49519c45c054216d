interface Entry {
  readonly cycle: number;
  readonly order: number;
  readonly action: () => void;
  cancelled: boolean;
}

/** What the outside world does to the board and when: a binary heap ordered by cycle, then by the order of planning. */
export class Agenda {
  readonly #heap: Entry[] = [];
  #order = 0;

  /** Cycle of the earliest entry, or Infinity. */
  get next(): number {
    this.#dropCancelled();
    return this.#heap[0]?.cycle ?? Number.POSITIVE_INFINITY;
  }

  /** Plans `action` at `cycle` and returns what takes it back. */
  add(cycle: number, action: () => void): () => void {
    const entry: Entry = { cycle, order: this.#order++, action, cancelled: false };
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    return () => {
      entry.cancelled = true;
    };
  }

  /** Takes out and runs every entry due at `cycle`, those it plans for the same cycle included. */
  runDue(cycle: number): void {
    while (this.next <= cycle) this.#pop().action();
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.cancelled === true) this.#pop();
  }

  #pop(): Entry {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) throw new Error('the agenda is empty');
    if (first !== last) {
      this.#heap[0] = last;
      this.#sink();
    }
    return first;
  }

  #before(a: number, b: number): boolean {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (first === undefined) return false;
    if (second === undefined) return true;
    return first.cycle < second.cycle || (first.cycle === second.cycle && first.order < second.order);
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (first === undefined || second === undefined) return;
    this.#heap[a] = second;
    this.#heap[b] = first;
  }

  #rise(from: number): void {
    let child = from;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#before(child, parent)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  #sink(): void {
    let parent = 0;
    for (;;) {
      const left = 2 * parent + 1;
      const child = this.#before(left + 1, left) ? left + 1 : left;
      if (!this.#before(child, parent)) return;
      this.#swap(child, parent);
      parent = child;
    }
  }
}
