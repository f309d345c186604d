import { randomUUID } from "node:crypto";
import {
  type AliasListEntry,
  CreateAliasCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  ListAliasesCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-kms";
import { afterAll, describe, expect, it } from "vitest";
import { defined, EVENTUALLY, expectError, type KmsSuite, namesOf } from "./kms-suite.ts";

export function describeAliases(suite: KmsSuite): void {
  describe("aliases", () => {
    const made = new Set<string>();
    async function createAlias(target: string): Promise<string> {
      const name = `alias/dekhand-contract-${randomUUID()}`;
      await suite.kms.send(new CreateAliasCommand({ AliasName: name, TargetKeyId: target }));
      made.add(name);
      return name;
    }
    const keyBehind = async (KeyId: string) =>
      (await suite.kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.Arn;
    afterAll(async () => {
      for (const name of made) {
        await suite.kms.send(new DeleteAliasCommand({ AliasName: name })).catch(() => undefined);
      }
    });

    it("name a key by alias and alias ARN", async () => {
      const name = await createAlias(suite.key.arn);
      const arn = suite.key.arn.replace(`key/${suite.key.id}`, name);
      await expect.poll(() => keyBehind(name), EVENTUALLY).toBe(suite.key.arn);
      const { blob, plaintext } = await suite.dataKey(arn);
      expect((await suite.decrypt(blob, name)).plaintext).toEqual(plaintext);
      expect((await suite.decrypt(blob, arn)).plaintext).toEqual(plaintext);
    });

    it("exist once", async () => {
      const name = await createAlias(suite.key.id);
      const again = new CreateAliasCommand({ AliasName: name, TargetKeyId: suite.key.id });
      await expectError(suite.kms.send(again), "AlreadyExistsException");
    });

    it("can be moved to another key, and what the old one made still opens", async () => {
      const [first, second] = [await suite.createKey(), await suite.createKey()];
      const name = await createAlias(first.id);
      await expect.poll(() => keyBehind(name), EVENTUALLY).toBe(first.arn);
      const { blob, plaintext } = await suite.dataKey(name);
      await suite.kms.send(new UpdateAliasCommand({ AliasName: name, TargetKeyId: second.id }));
      await expect.poll(() => keyBehind(name), EVENTUALLY).toBe(second.arn);
      expect((await suite.decrypt(blob, first.arn)).plaintext).toEqual(plaintext);
      await expectError(suite.decrypt(blob, name), "IncorrectKeyException");
    });

    it("are gone when they are deleted, and the key stays", async () => {
      const key = await suite.createKey();
      const name = await createAlias(key.id);
      await suite.kms.send(new DeleteAliasCommand({ AliasName: name }));
      await expect
        .poll(() => keyBehind(name).catch((error: Error) => error.name), EVENTUALLY)
        .toBe("NotFoundException");
      await expect(suite.dataKey(key.id)).resolves.toBeDefined();
      await expectError(suite.kms.send(new DeleteAliasCommand({ AliasName: name })), "NotFoundException");
      const update = new UpdateAliasCommand({ AliasName: name, TargetKeyId: key.id });
      await expectError(suite.kms.send(update), "NotFoundException");
    });

    it("can be listed, all and by key, in pages", async () => {
      const key = await suite.createKey();
      const names = [await createAlias(key.id), await createAlias(key.id), await createAlias(key.id)];
      const read = async (KeyId?: string) => {
        const all: AliasListEntry[] = [];
        let Marker: string | undefined;
        do {
          const page = await suite.kms.send(
            new ListAliasesCommand({ Limit: 2, ...(KeyId && { KeyId }), ...(Marker && { Marker }) }),
          );
          all.push(...(page.Aliases ?? []));
          Marker = page.NextMarker;
        } while (Marker);
        return all;
      };
      const namesOfKey = async () => new Set(namesOf(await read(key.id)));
      await expect.poll(namesOfKey, EVENTUALLY).toEqual(new Set(names));
      const [one] = await read(key.id);
      expect(one).toMatchObject({ TargetKeyId: key.id, AliasArn: expect.stringContaining(defined(one?.AliasName)) });
      if (!suite.target.real) expect(namesOf(await read())).toEqual(expect.arrayContaining(names));
    });

    it("have names of their own form", async () => {
      const create = (name: string) =>
        suite.kms.send(new CreateAliasCommand({ AliasName: name, TargetKeyId: suite.key.id }));
      await expectError(create("no-prefix"), "ValidationException", "InvalidAliasNameException");
      await expectError(create("alias/with space"), "ValidationException", "InvalidAliasNameException");
      await expectError(create("alias/aws/reserved"), "InvalidAliasNameException", "NotAuthorizedException");
    });

    it("are not taken by operations that manage a key", async () => {
      const name = await createAlias(suite.key.id);
      await expectError(
        suite.kms.send(new DisableKeyCommand({ KeyId: name })),
        "NotFoundException",
        "InvalidArnException",
        "ValidationException",
      );
    });
  });
}
