import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { deserialize, serialize } from "node:v8";
import { describe, expect, it } from "vitest";
import { type Dek, secretsOf } from "./dek.ts";
import { createDek, DEK_BYTES, isDekId, newDekId, open, recoverDek, seal } from "./index.ts";
import { thrownBy } from "./testing/thrown.ts";

const binding = { recordId: "r", context: {}, contentType: "", epoch: 0 };
const text = Buffer.from("text");

describe("a DEK", () => {
  it("takes its key's bytes and leaves none behind, even when it refuses them", () => {
    const dekId = newDekId();
    const keys = [32, 32, 32, 31, 33].map((length) => randomBytes(length));
    const [created, recovered, notCommitted, short, long] = keys;
    if (!created || !recovered || !notCommitted || !short || !long) throw new Error("incomplete");
    created.copy(recovered);
    const { commitment } = createDek(dekId, created);
    recoverDek(dekId, recovered, commitment);
    thrownBy(() => recoverDek(dekId, notCommitted, commitment));
    thrownBy(() => createDek(dekId, short));
    thrownBy(() => createDek(dekId, long));
    for (const key of keys) expect(key.every((byte) => byte === 0)).toBe(true);
    const badId = randomBytes(32);
    thrownBy(() => createDek("no id", badId));
    expect(badId.every((byte) => byte === 0)).toBe(true);
  });

  it("comes back from its key and commitment, and opens what it sealed before", () => {
    const dekId = newDekId();
    const key = randomBytes(DEK_BYTES);
    using dek = createDek(dekId, Buffer.from(key));
    using again = recoverDek(dekId, Buffer.from(key), dek.commitment);
    expect(again.commitment).toEqual(dek.commitment);
    expect(open(again, seal(dek, text, binding), binding).equals(text)).toBe(true);
  });

  it("does not come back from another key, another id or another commitment, and all read alike", () => {
    const dekId = newDekId();
    const key = randomBytes(DEK_BYTES);
    using dek = createDek(dekId, Buffer.from(key));
    const { commitment } = dek;
    const flipped = Uint8Array.from(commitment, (byte, at) => (at === 31 ? byte ^ 1 : byte));
    using sealer = createDek(dekId, randomBytes(DEK_BYTES));
    const errors = [
      thrownBy(() => recoverDek(dekId, randomBytes(DEK_BYTES), commitment)),
      thrownBy(() => recoverDek(newDekId(), Buffer.from(key), commitment)),
      thrownBy(() => recoverDek(dekId, Buffer.from(key), flipped)),
      thrownBy(() => recoverDek(dekId, Buffer.from(key), commitment.subarray(1))),
      thrownBy(() => recoverDek(dekId, Buffer.from(key), new Uint8Array())),
      thrownBy(() => open(dek, seal(sealer, text, binding), binding)),
    ];
    expect(new Set(errors.map((error) => JSON.stringify(error)))).toEqual(new Set([JSON.stringify(errors[0])]));
    expect(errors[0]).toMatchObject({ code: "ENVELOPE_AUTHENTICATION_FAILED", retryable: false });
  });

  it("shows 32 bytes of commitment, whose change by a caller changes nothing", () => {
    using dek = createDek(newDekId(), randomBytes(DEK_BYTES));
    const before = Buffer.from(dek.commitment);
    expect(before.length).toBe(32);
    dek.commitment.fill(0);
    expect(before.equals(dek.commitment)).toBe(true);
  });

  it("refuses all work once disposed of, and may be disposed of twice", () => {
    const dek = createDek(newDekId(), randomBytes(DEK_BYTES));
    const envelope = seal(dek, text, binding);
    expect(dek.disposed).toBe(false);
    dek[Symbol.dispose]();
    dek[Symbol.dispose]();
    expect(dek.disposed).toBe(true);
    const expected = { code: "ENVELOPE_DEK_DISPOSED", retryable: false, context: { dekId: dek.id } };
    expect(thrownBy(() => seal(dek, text, binding))).toMatchObject(expected);
    expect(thrownBy(() => open(dek, envelope, binding))).toMatchObject(expected);
  });

  it("wipes what it owns when it is disposed of, at the end of its scope too", () => {
    let secrets: ReturnType<typeof secretsOf>;
    {
      using dek = createDek(newDekId(), randomBytes(DEK_BYTES));
      seal(dek, text, binding);
      secrets = secretsOf(dek);
      expect(secrets.xaesKey.masks.some((byte) => byte !== 0)).toBe(true);
    }
    const { masks, blocks, blockCipher } = secrets.xaesKey;
    expect([...masks, ...blocks].every((byte) => byte === 0)).toBe(true);
    expect(() => blockCipher.update(Buffer.alloc(16))).toThrow();
  });

  it("shows no secret to inspect, JSON, structuredClone or v8.serialize", () => {
    using dek = createDek(newDekId(), randomBytes(DEK_BYTES));
    expect(inspect(dek, { showHidden: true, depth: null })).toBe(`Dek { ${dek.id} }`);
    expect(inspect(dek, { showHidden: true, depth: null, customInspect: false, getters: false })).not.toMatch(
      /Uint8Array|Buffer|Cipher/,
    );
    expect(JSON.parse(JSON.stringify(dek))).toEqual({ dekId: dek.id });
    expect(Reflect.ownKeys(dek)).toEqual([]);
    expect(structuredClone(dek)).toEqual({});
    expect(deserialize(serialize(dek))).toEqual({});
  });

  it("is only what this package made: a copy or a look-alike is refused", () => {
    using dek = createDek(newDekId(), randomBytes(DEK_BYTES));
    const { id, commitment } = dek;
    const lookAlike: Dek = { id, commitment, disposed: false, [Symbol.dispose]() {} };
    const nothing = JSON.parse("null");
    for (const forged of [lookAlike, new Proxy(dek, {}), Object.create(dek), structuredClone(dek), nothing]) {
      expect(thrownBy(() => seal(forged, text, binding)).code).toBe("ENVELOPE_INPUT_INVALID");
    }
    expect(Object.isFrozen(dek)).toBe(true);
  });
});

describe("DEK ids", () => {
  it("are UUIDv7 in lower case, no two alike, in the order of their making", () => {
    const ids = Array.from({ length: 1000 }, newDekId);
    expect(ids.every(isDekId)).toBe(true);
    expect(new Set(ids).size).toBe(1000);
    expect(ids.toSorted()).toEqual(ids);
  });

  it.each([
    "",
    "01890A5D-AC96-774B-BCCE-B302099A8057",
    "01890a5dac96774bbcceb302099a8057",
    "{01890a5d-ac96-774b-bcce-b302099a8057}",
    "01890a5d-ac96-474b-bcce-b302099a8057",
    "01890a5d-ac96-774b-ccce-b302099a8057",
    "01890a5d-ac96-774b-bcce-b302099a8057\n",
    "00000000-0000-0000-0000-000000000000",
  ])("are not spelled %j", (text) => {
    expect(isDekId(text)).toBe(false);
    expect(thrownBy(() => createDek(text, randomBytes(DEK_BYTES))).code).toBe("ENVELOPE_INPUT_INVALID");
  });
});
