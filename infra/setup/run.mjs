/**
 * `node infra/setup/run.mjs [--without-redis] [<script> [argument…]]`: makes this checkout ready, then runs the script,
 * if there is one, under the project's own Node with everything after its name, and ends as the script ends.
 *
 * This file is all that an old Node has to understand: the rest is loaded once the version is known to do.
 */

const oldestMajor = 20;

const major = Number(process.versions.node.split(".")[0]);
if (major < oldestMajor) {
  console.error(
    `dekhand: Node.js ${oldestMajor} or newer is needed, this is ${process.versions.node}. ` +
      "Install a current one (https://nodejs.org); the version that the project itself runs on comes with its dependencies.",
  );
  process.exitCode = 3;
} else {
  void import("./set-up-and-run.mjs").then((module) => module.setUpAndRun(process.argv.slice(2)));
}
