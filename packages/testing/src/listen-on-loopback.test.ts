import { createServer } from "node:http";
import { expect, it } from "vitest";
import { listenOnLoopback } from "./index.ts";

it("a server on loopback answers until it is disposed of, which waits for no request", async () => {
  const server = createServer((request, response) => {
    if (request.url === "/hangs") request.socket.emit("hangs");
    else response.end("here");
  });
  const hangs = new Promise((resolve) => server.on("connection", (socket) => socket.once("hangs", resolve)));
  const listening = await listenOnLoopback(server);
  expect(listening.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await (await fetch(listening.url)).text()).toBe("here");
  const cut = expect(fetch(`${listening.url}/hangs`)).rejects.toThrow();
  await hangs;
  await listening[Symbol.asyncDispose]();
  await cut;
  await expect(fetch(listening.url)).rejects.toThrow();
});
