import { randomBytes } from "node:crypto";
import { createDek, newDekId, open, type RecordBinding, seal } from "@dekhand/envelope";
import type { Codec } from "./codec.ts";

/** The envelope of this project, one DEK for all records. */
export function dekhandCodec(bindings: readonly RecordBinding[], plaintext: Buffer): Codec {
  const dek = createDek(newDekId(), randomBytes(32));
  const sealed = bindings.map((binding) => ({ binding, envelope: seal(dek, plaintext, binding) }));
  return {
    seal(times) {
      for (let at = 0; at < times; at++) {
        const binding = bindings[at % bindings.length];
        if (binding) seal(dek, plaintext, binding);
      }
    },
    open(times) {
      for (let at = 0; at < times; at++) {
        const one = sealed[at % sealed.length];
        if (one) open(dek, one.envelope, one.binding);
      }
    },
  };
}
