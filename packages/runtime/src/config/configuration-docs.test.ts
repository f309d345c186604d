import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { LOG_LEVELS } from "../logger.ts";
import { deploymentSchema } from "./deployment-schema.ts";
import { BASE_VARIABLES, parseEnvironment } from "./environment.ts";
import { parseDeploymentConfig } from "./read-deployment-config.ts";
import { WRAP_STORE_KINDS } from "./wrap-stores-schema.ts";

const doc = readFileSync(new URL("../../../../docs/configuration.md", import.meta.url), "utf8");

/** The first cells of the table below a heading, without their backticks. */
function documented(heading: string): string[] {
  const section = doc.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] ?? "");
}

const node = z.object({
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
});

function keysOf(schema: unknown, path: string): string[] {
  const { properties = {}, additionalProperties } = node.parse(schema);
  const keys = Object.entries(properties).flatMap(([name, child]) => [
    `${path}${name}`,
    ...keysOf(child, `${path}${name}.`),
  ]);
  if (typeof additionalProperties !== "object") return keys;
  const placeholder = /(^endpoints|\.replicas)\.$/.test(path) ? "<region>" : "<name>";
  return [...keys, ...keysOf(additionalProperties, `${path}${placeholder}.`)];
}

describe("docs/configuration.md", () => {
  it("lists every key of the file and no other", () => {
    const keys = keysOf(z.toJSONSchema(deploymentSchema, { io: "input", unrepresentable: "any" }), "");
    expect(keys).toContain("profiles.<name>.reuse.age");
    expect(documented("The file").sort()).toEqual(keys.sort());
  });

  it("lists every variable that all services know and no other", () => {
    const names = Object.values(BASE_VARIABLES).map(({ name }) => name);
    expect(documented("The environment").sort()).toEqual(names.sort());
  });

  it("tells the defaults of the variables as they are", () => {
    const { configFile, logLevel, opsHost, opsPort, drainMs, concurrency } = parseEnvironment({});
    for (const value of [configFile, logLevel, opsHost, opsPort, drainMs, concurrency])
      expect(doc).toContain(`| \`${value}\` |`);
    for (const level of LOG_LEVELS) expect(doc).toContain(`\`${level}\``);
  });

  it("shows an example that is accepted, and in it the defaults as they are", () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(doc)?.[1] ?? "";
    const full = parseDeploymentConfig(example, "example");
    const short = parseDeploymentConfig(
      example.replace(
        /, (retiring: \[\]|recoveryPoint: 15m)|^ {4}(retiring|reuse|autoRewrap).*\n|^(tables|queues|limits|quota|reconcile|wrapStores).*\n/gm,
        "",
      ),
      "example",
    );
    expect(short).toEqual(full);
  });

  it("shows an example of each kind of wrap store that is accepted beside it", () => {
    const [deployment = "", ...examples] = [...doc.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
    const kinds = examples.flatMap((example) => {
      const whole = `${deployment.replace(/^wrapStores.*\n/m, "")}${example}`;
      return Object.values(parseDeploymentConfig(whole, "example").wrapStores).map(({ kind }) => kind);
    });
    expect(kinds).toEqual(WRAP_STORE_KINDS);
  });
});
