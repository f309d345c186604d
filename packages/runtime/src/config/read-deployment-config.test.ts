import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { problemsOf } from "../testing/problems-of.ts";
import { parseDeploymentConfig, readDeploymentConfig, toDeploymentConfig } from "./read-deployment-config.ts";

const key = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555";
const small = { prefix: "dekhand", regions: ["us-east-1"], profiles: { pii: { home: "us-east-1", key: "alias/pii" } } };

function problems(written: unknown): readonly string[] {
  return problemsOf(() => toDeploymentConfig(written, "test"));
}

/** The small deployment with another profile. */
function withProfile(profile: object, rest: object = {}): object {
  return { ...small, ...rest, profiles: { pii: { ...small.profiles.pii, ...profile } } };
}

describe("a deployment", () => {
  it("has a queue of its own for each kind of job, whether named or by default", () => {
    const one = ["queues.rewrap: another queue than queues.encrypt: each takes jobs of its own kind only"];
    for (const queues of [{ encrypt: "jobs", rewrap: "jobs" }, { encrypt: "dekhand-rewrap" }]) {
      expect(problems({ ...small, queues })).toEqual(one);
    }
  });

  it("needs little, and gets defaults for the rest", () => {
    expect(toDeploymentConfig(small, "test")).toEqual({
      prefix: "dekhand",
      tables: "regional",
      regions: ["us-east-1"],
      control: "us-east-1",
      endpoints: {},
      profiles: {
        pii: {
          name: "pii",
          home: "us-east-1",
          key: "alias/pii",
          retiring: [],
          required: [],
          dekScope: [],
          reuse: { records: 1_000, bytes: 268_435_456, ageMs: 300_000 },
          autoRewrap: false,
          replicas: {},
        },
      },
      queues: { encrypt: "dekhand-encrypt", rewrap: "dekhand-rewrap", replicate: "dekhand-replicate" },
      limits: { payloadBytes: 4_194_304 },
      quota: {
        share: { part: 0.5 },
        reserve: 0.2,
        campaign: 0.6,
        floor: 0.1,
        workers: 10,
        source: "defaults",
        regions: {},
      },
      reconcile: { everyMs: 21_600_000, probe: 0.01, pagesPerSecond: 5 },
      wrapStores: {},
    });
  });

  it("runs drills by itself only where it says so, once a day where it says no more", () => {
    expect(toDeploymentConfig({ ...small, drills: {} }, "test").drills).toEqual({ everyMs: 86_400_000, sample: 1_000 });
    expect(problems({ ...small, drills: { sample: 0 }, reconcile: { every: "1s", probe: 2 } })).toHaveLength(3);
  });

  it("starts campaigns by itself only for profiles that say so, and listens to rotations only where a queue is named", () => {
    const { profiles, queues } = toDeploymentConfig(
      { ...withProfile({ autoRewrap: true }), queues: { events: "kms-rotations" } },
      "test",
    );
    expect(profiles.pii?.autoRewrap).toBe(true);
    expect(queues.events).toBe("kms-rotations");
    expect(problems({ ...small, queues: { events: "dekhand-rewrap" } })).toEqual([
      "queues.events: a queue of its own: it takes no jobs",
    ]);
  });

  it("takes an endpoint for one service, or one for all four", () => {
    const endpoints = { "us-east-1": "http://127.0.0.1:1", "eu-west-1": { kms: "https://kms.example" } };
    const config = toDeploymentConfig(
      { ...small, regions: ["us-east-1", "eu-west-1"], control: "us-east-1", endpoints },
      "test",
    );
    expect(config.endpoints).toEqual({
      "us-east-1": {
        kms: "http://127.0.0.1:1",
        sqs: "http://127.0.0.1:1",
        dynamodb: "http://127.0.0.1:1",
        serviceQuotas: "http://127.0.0.1:1",
      },
      "eu-west-1": { kms: "https://kms.example" },
    });
  });

  it("names the transit key's Region, which is the control Region unless told otherwise", () => {
    const retiring = ["alias/old-transit"];
    const transit = { key, region: "us-east-1" };
    expect(toDeploymentConfig({ ...small, transit: { key } }, "test").transit).toEqual({ ...transit, retiring: [] });
    expect(toDeploymentConfig({ ...small, transit: { key, retiring } }, "test").transit).toEqual({
      ...transit,
      retiring,
    });
  });

  it("finds no profile under the name of something that every object has", () => {
    const { profiles } = toDeploymentConfig(small, "test");
    for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"])
      expect(profiles[name]).toBeUndefined();
    const odd = toDeploymentConfig({ ...small, profiles: { constructor: small.profiles.pii } }, "test");
    expect(Object.keys(odd.profiles)).toEqual(["constructor"]);
  });

  it("reports what is wrong by itself and what is wrong in relation, at once", () => {
    const written = {
      prefix: "Dekhand-",
      regions: ["us-east-1", "nowhere", "us-east-1"],
      control: "eu-west-1",
      endpoints: { "eu-west-1": "ftp://host", "us-east-1": { kms: "http://user:canary@host", s3: "http://host" } },
      tables: "everywhere",
      table: "regional",
      profiles: {
        a: {
          home: "eu-west-1",
          key,
          retiring: ["alias/aws/s3", key, "alias/x", "alias/x"],
          required: ["tenant", "tenant", "aws:x"],
        },
        b: { home: "us-east-1", dekScope: ["tenant", 5], reuse: { records: 0, bytes: "1TiB", age: 300 }, replica: {} },
        "-c": {},
      },
      transit: { key, region: "eu-west-1", retiring: [key, "alias/x", "alias/x"] },
      queues: { encrypt: "jobs.fifo" },
      limits: { payloadBytes: "65MiB" },
      quota: { share: 0.5, callsPerSecond: 0, reserve: "0.9", campaign: 0.2, regions: { "eu-west-1": 1 } },
    };
    const found = problems(written);
    expect(found.map((line) => line.slice(0, line.indexOf(":"))).sort()).toEqual(
      [
        "prefix",
        "regions[1]",
        "regions[2]",
        "control",
        "endpoints.eu-west-1",
        "endpoints.eu-west-1",
        "endpoints.us-east-1.kms",
        "endpoints.us-east-1.s3",
        "tables",
        "table",
        "profiles.a.home",
        "profiles.a.key",
        "profiles.a.retiring[0]",
        "profiles.a.retiring[1]",
        "profiles.a.retiring[1]",
        "profiles.a.retiring[3]",
        "profiles.a.required[1]",
        "profiles.a.required[2]",
        "profiles.b.key",
        "profiles.b.dekScope[0]",
        "profiles.b.dekScope[1]",
        "profiles.b.reuse.records",
        "profiles.b.reuse.bytes",
        "profiles.b.reuse.age",
        "profiles.b.replica",
        "profiles.-c",
        "transit.region",
        "transit.key",
        "transit.retiring[0]",
        "transit.retiring[0]",
        "transit.retiring[2]",
        "queues.encrypt",
        "limits.payloadBytes",
        "quota.callsPerSecond",
        "quota.callsPerSecond",
        "quota.campaign",
        "quota.regions.eu-west-1",
      ].sort(),
    );
    expect(found.join()).not.toContain("canary");
  });

  it("wants the control Region named when there are several", () => {
    expect(problems({ ...small, regions: ["us-east-1", "eu-west-1"] })).toEqual([
      "control: the Region that is authoritative, because regions lists several",
    ]);
  });

  it("takes every way to name a key, and none that is not one", () => {
    const id = "abcdef01-2222-3333-4444-555555555555";
    const mrk = "mrk-0123456789abcdef0123456789abcdef";
    const account = "arn:aws:kms:us-east-1:111122223333";
    for (const good of [
      "alias/a/b_c-d",
      id,
      mrk,
      `${account}:key/${id}`,
      `${account}:key/${mrk}`,
      `${account}:alias/a`,
    ]) {
      expect(toDeploymentConfig(withProfile({ key: good }), "test").profiles.pii?.key).toBe(good);
    }
    for (const bad of [
      "a",
      "alias/",
      "alias/aws/s3",
      "alias/a b",
      id.toUpperCase(),
      `${id}0`,
      "arn:aws:s3:::bucket",
      `${account}:alias/aws/s3`,
    ]) {
      expect(problems(withProfile({ key: bad })), bad).toHaveLength(1);
    }
    expect(problems(withProfile({ key: key.replace("us-east-1", "eu-west-1") }))).toEqual([
      "profiles.pii.key: a key of the Region us-east-1",
    ]);
  });

  it("refuses context keys that are Dekhand's own or AWS's, and ill-formed text", () => {
    for (const reserved of ["dekhand:dek", "aws:s3", "\ud800", "x".repeat(129)]) {
      expect(problems(withProfile({ required: [reserved] })), reserved).toHaveLength(1);
    }
    expect(
      toDeploymentConfig(withProfile({ required: ["__proto__", "Ключ"], dekScope: ["Ключ"] }), "test").profiles.pii
        ?.required,
    ).toEqual(["__proto__", "Ключ"]);
  });
});

describe("the file", () => {
  it("is YAML, or JSON", () => {
    const yaml =
      "prefix: dekhand\nregions: [us-east-1]\nprofiles:\n  pii:\n    home: us-east-1\n    key: alias/pii\n    retiring:\n";
    expect(parseDeploymentConfig(yaml, "test")).toEqual(toDeploymentConfig(small, "test"));
    expect(parseDeploymentConfig(JSON.stringify(small), "test")).toEqual(toDeploymentConfig(small, "test"));
  });

  it.each([
    ["a broken list", "prefix: [canary\n", "line 2, column 1"],
    ["a key twice", "prefix: a\nprefix: canary\n", "line 2, column 1"],
    ["a tag", "prefix: !canary x\n", "line 1, column 9"],
    ["a tab", "profiles:\n\tcanary: 1\n", "line 2, column 1"],
    ["two documents", "prefix: a\n---\nprefix: canary\n", "line 2, column 1"],
  ])("tells the place of %s and quotes nothing", (_what, yaml, place) => {
    const found = problemsOf(() => parseDeploymentConfig(yaml, "test"));
    expect(found[0]).toMatch(new RegExp(`^${place}: `));
    expect(found.join()).not.toContain("canary");
  });

  it("has no alias without its anchor", () => {
    expect(problemsOf(() => parseDeploymentConfig("prefix: *canary\n", "test"))).toEqual([
      "(whole document): a document with few aliases that each name an anchor",
    ]);
  });

  it("cannot be blown up by aliases", () => {
    const levels = Array.from(
      { length: 12 },
      (_, index) => `l${index + 1}: &l${index + 1} [${`*l${index},`.repeat(10)}]`,
    );
    const yaml = ["l0: &l0 [x]", ...levels].join("\n");
    expect(problemsOf(() => parseDeploymentConfig(yaml, "test"))).toEqual([
      "(whole document): a document with few aliases that each name an anchor",
    ]);
  });

  it("is named in every message, also when it cannot be read", () => {
    const folder = mkdtempSync(join(tmpdir(), "dekhand-config-"));
    const file = join(folder, "dekhand.yaml");
    try {
      expect(() => readDeploymentConfig(file)).toThrow(expect.objectContaining({ code: "RUNTIME_CONFIG_UNREADABLE" }));
      expect(() => readDeploymentConfig(file)).toThrow(`${file} (ENOENT)`);
      writeFileSync(file, "prefix: 5");
      expect(() => readDeploymentConfig(file)).toThrow(ConfigError);
      expect(() => readDeploymentConfig(file)).toThrow(file);
      writeFileSync(file, JSON.stringify(small));
      expect(readDeploymentConfig(file).prefix).toBe("dekhand");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
