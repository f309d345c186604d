import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{packages,services,infra,test}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    pool: "forks",
    maxWorkers: 4,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
