/**
 * Runs after every `npm install` and `npm ci`: restores the link to the project's Node where npm left it out, and notes
 * what was installed, so that the next command need not install it again. Never fails an installation.
 */

import { removeStamp, writeStamp } from "./install-stamp.mjs";
import { say } from "./messages.mjs";
import { linkNode } from "./project-node.mjs";

try {
  const linked = await linkNode();
  if ("node" in linked) await writeStamp(linked.node);
  else await removeStamp();
} catch (error) {
  say(`node_modules/.bin/node could not be linked: ${error.message}`);
}
