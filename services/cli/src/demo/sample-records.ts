/**
 * Records for the demo: customers of a few tenants, from a seed, so that two
 * runs with one seed ingest the same bytes. Sizes follow what queues see: most
 * records small, some of tens of kilobytes, a few that outgrow a DynamoDB item.
 */

export interface SampleRecord {
  readonly recordId: string;
  readonly context: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly payload: Buffer;
}

const tenants = ["acme", "borealis", "cinder", "dunes", "estuary", "fjord", "grove", "harbour"];
const words = "amber birch cedar delta ember fern glade heath islet jetty kelp lagoon meadow north orchard pine".split(
  " ",
);

export function* sampleRecords(count: number, seed = 1): Generator<SampleRecord> {
  const random = mulberry32(seed);
  const pick = <T>(items: readonly T[]): T => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new RangeError("cannot pick from nothing");
    return item;
  };
  const text = (bytes: number) => {
    const parts: string[] = [];
    for (let length = 0; length < bytes; ) {
      const word = pick(words);
      parts.push(word);
      length += word.length + 1;
    }
    return parts.join(" ").slice(0, bytes);
  };

  for (let index = 0; index < count; index += 1) {
    const tenant = pick(tenants);
    const recordId = `customer-${String(index + 1).padStart(7, "0")}`;
    const record = {
      id: recordId,
      tenant,
      name: `${pick(words)} ${pick(words)}`,
      email: `${pick(words)}.${Math.floor(random() * 10_000)}@example.com`,
      balance: Math.round(random() * 1_000_000) / 100,
      notes: text(noteBytes(index, random)),
    };
    yield {
      recordId,
      context: { tenant },
      contentType: "application/json",
      payload: Buffer.from(JSON.stringify(record)),
    };
  }
}

function noteBytes(index: number, random: () => number): number {
  if (index % 500 === 499) return 500_000;
  return random() < 0.05 ? 4_000 + Math.floor(random() * 28_000) : 50 + Math.floor(random() * 700);
}

/** A 32-bit generator that needs no more than to be the same on every machine. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
