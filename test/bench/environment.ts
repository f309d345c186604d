import { execFileSync } from "node:child_process";
import { availableParallelism, cpus } from "node:os";

/** What a figure depends on. */
export interface Environment {
  /** The checked out commit, with `-dirty` behind it where files differ; `unknown` outside a clone. */
  readonly commit: string;
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly node: string;
  readonly openssl: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
}

export function describeEnvironment(): Environment {
  return {
    commit: currentCommit(),
    date: new Date().toISOString(),
    node: process.version,
    openssl: process.versions.openssl,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
  };
}

function currentCommit(): string {
  try {
    const args = ["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"];
    return execFileSync("git", args, { cwd: import.meta.dirname, encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return "unknown";
  }
}
