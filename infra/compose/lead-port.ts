/**
 * `lead-port.ts <from> <to>`: takes connections on any address of its container and leads them to a port on loopback.
 * Ends on SIGTERM or SIGINT.
 */

import { connect, createServer, type Socket } from "node:net";

const [from, to] = process.argv.slice(2).map(Number);
if (!isPort(from) || !isPort(to)) {
  process.stderr.write("usage: lead-port.ts <from> <to>\n");
  process.exit(2);
}

const open = new Set<Socket>();
const server = createServer((outside) => {
  const inside = connect(to, "127.0.0.1");
  for (const [one, other] of [
    [outside, inside],
    [inside, outside],
  ] as const) {
    open.add(one);
    one.pipe(other);
    // Whatever ends one side ends the other, also a Region that is cut off by resetting its connections.
    one.on("error", () => other.destroy());
    one.on("close", () => {
      open.delete(one);
      other.destroy();
    });
  }
});
server.listen(from, "0.0.0.0", () => process.stdout.write(`leading port ${from} to 127.0.0.1:${to}\n`));

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    server.close();
    for (const socket of open) socket.destroy();
  });
}

function isPort(value: number | undefined): value is number {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536;
}
