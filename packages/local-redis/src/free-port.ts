import { createServer } from "node:net";

/** A loopback port that nobody listens on now. Another process may take it first: prefer port 0 where the server can tell. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === "string") reject(new Error("a TCP server has a port"));
        else resolve(address.port);
      });
    });
  });
}
