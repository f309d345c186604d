import { request } from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";

const answerWithinMs = 2_000;

/** Whether a Docker engine answers where one usually listens. */
export async function hasDockerEngine() {
  for (const place of usualPlaces()) if (await answers(place)) return true;
  return false;
}

/** @returns {import("node:http").RequestOptions[]} */
function usualPlaces() {
  const { DOCKER_HOST: host = "", XDG_RUNTIME_DIR: runtimeDir } = process.env;
  const sockets = [
    ...(host.startsWith("unix://") ? [host.slice("unix://".length)] : []),
    "/var/run/docker.sock",
    ...(runtimeDir ? [join(runtimeDir, "docker.sock")] : []),
    join(homedir(), ".docker", "run", "docker.sock"),
    join(homedir(), ".docker", "desktop", "docker.sock"),
  ].map((socketPath) => ({ socketPath }));
  if (!/^(tcp|http):/.test(host)) return sockets;
  const { hostname, port } = new URL(host.replace(/^tcp:/, "http:"));
  return [{ host: hostname, port: port || 2375 }, ...sockets];
}

/** @param {import("node:http").RequestOptions} place */
function answers(place) {
  return new Promise((resolve) => {
    const call = request({ ...place, path: "/_ping", timeout: answerWithinMs }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on("timeout", () => call.destroy());
    call.on("error", () => resolve(false));
    call.end();
  });
}
