/** An embedded Postgres as a process of its own, so that it has a core of its own. Ends with SIGTERM. */

import { once } from "node:events";
import { startEmbeddedPostgres } from "@dekhand/store/testing";

await using postgres = await startEmbeddedPostgres();
process.stdout.write(`ready ${postgres.connectionString}\n`);
// A listener for a signal does not keep the process up, and the server's socket does.
await once(process, "SIGTERM");
