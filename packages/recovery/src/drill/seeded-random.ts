import { createHash } from "node:crypto";

/** Numbers from 0 to below 1 that follow from the seed. Not for anything secret. */
export function seededRandom(seed: string): () => number {
  let block = Buffer.alloc(0);
  let at = 0;
  let count = 0;
  return () => {
    if (at + 4 > block.length) {
      block = createHash("sha256").update(`${seed} ${count}`).digest();
      count += 1;
      at = 0;
    }
    const drawn = block.readUInt32BE(at);
    at += 4;
    return drawn / 2 ** 32;
  };
}

/** In a random order, in place. */
export function shuffle<T>(items: T[], random: () => number): T[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const [one, two] = [items[last], items[other]];
    if (one === undefined || two === undefined) continue;
    items[last] = two;
    items[other] = one;
  }
  return items;
}
