import { createServer } from "node:net";
import { expect, it } from "vitest";

it("holds, but leaves a server open", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  expect(server.listening).toBe(true);
});
