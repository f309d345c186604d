import fc from "fast-check";
import { expect, it } from "vitest";
import { DueHeap, type HeapNode } from "./due-heap.ts";

/** Adds a value, or removes one of those that are in. */
const step = fc.oneof(fc.record({ add: fc.integer({ min: 0, max: 50 }) }), fc.record({ remove: fc.nat() }));

it("gives its items by due time, equal ones as they were added, whatever is taken out in between", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new DueHeap<number>();
      const model: HeapNode<number>[] = [];
      steps.forEach((next, index) => {
        if ("add" in next) model.push(heap.add(index, next.add));
        else if (model.length > 0) for (const node of model.splice(next.remove % model.length, 1)) heap.remove(node);
      });
      expect(heap.size).toBe(model.length);
      const expected = model.toSorted((a, b) => a.dueAt - b.dueAt || a.order - b.order).map(({ item }) => item);
      const drained: number[] = [];
      for (let node = heap.peek(); node; node = heap.peek()) {
        heap.remove(node);
        drained.push(node.item);
      }
      expect(drained).toEqual(expected);
    }),
  );
});

it("leaves alone what is out already", () => {
  const heap = new DueHeap<string>();
  const [first] = [heap.add("first", 1), heap.add("second", 2)];
  heap.remove(first);
  heap.remove(first);
  expect(heap.peek()?.item).toBe("second");
  heap.clear();
  heap.remove(first);
  expect(heap.size).toBe(0);
});
