import { crc32 } from "node:zlib";
import type { OwnedWrap, WrapStoreSubject } from "../../contract/wrap-subject.ts";
import type { ModuleWrap, WrapStoreModule } from "../../wraps/module/module-types.ts";
import { createModuleWrapStore } from "../../wraps/module/module-wrap-store.ts";

/** A module as a user would write one, on a map. */
export function sampleWrapModule(wraps: Map<string, ModuleWrap>): WrapStoreModule {
  return {
    labels: { keyArn: true, material: true, campaign: true },
    segments: (wanted) => Math.min(wanted, 4),
    async scan({ index, of }, { cursor = "", pageSize }) {
      const ids = [...wraps.keys()].filter((id) => id > cursor && crc32(id) % of === index).sort();
      const page = ids.slice(0, pageSize);
      const last = page.at(-1);
      const found = page.flatMap((id) => wraps.get(id) ?? []);
      return { wraps: found, ...(last === undefined ? {} : { cursor: last }) };
    },
    read: async (id) => wraps.get(id),
    async swap({ id, oldBlob, next }) {
      const wrap = wraps.get(id);
      if (!wrap) return "gone";
      if (Buffer.compare(wrap.blob, oldBlob) !== 0) return "conflict";
      const { material: _, ...kept } = wrap;
      wraps.set(id, { ...kept, ...next });
      return "swapped";
    },
  };
}

export function moduleSubject(): WrapStoreSubject {
  const wraps = new Map<string, ModuleWrap>();
  const contextOf = ({ tenant }: OwnedWrap) => ({ tenant });
  return {
    store: createModuleWrapStore(sampleWrapModule(wraps), { name: "sample", region: "us-east-1" }),
    contextOf,
    async put(owned) {
      return owned.map((wrap) => {
        const { name, tenant: _, ...rest } = wrap;
        wraps.set(name, { id: name, ...rest, context: contextOf(wrap) });
        return name;
      });
    },
    async remove(id) {
      wraps.delete(id);
    },
    async putMalformed() {
      const blob = Buffer.from("wrap");
      // What a module without types may answer.
      const broken: readonly { readonly id: string }[] = JSON.parse(
        JSON.stringify([
          { id: "broken-blob", blob: "canary" },
          { id: "broken-empty", blob: null },
          { id: "broken-label", material: 17 },
          { id: "broken-context", context: { tenant: ["canary"] } },
        ]),
      );
      for (const wrap of broken) wraps.set(wrap.id, { blob, ...wrap });
      return broken.map(({ id }) => id);
    },
    async restOf(id) {
      return wraps.get(id)?.context;
    },
  };
}
