export const goldenFile = new URL("../../golden/v1.json", import.meta.url);
