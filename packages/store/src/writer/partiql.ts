/**
 * Conditional writes as PartiQL statements.
 *
 * Every name stands in double quotes: an unquoted reserved word (`blob`, `size`)
 * makes its statement invalid. In an INSERT the names are members of a tuple and
 * stand in single quotes. Values are always parameters.
 */

import type { AttributeValue, BatchStatementRequest } from "@aws-sdk/client-dynamodb";
import { absent, type ConditionalWrite, type Conditions } from "./conditional-write.ts";

export function toStatement(write: ConditionalWrite): BatchStatementRequest {
  const parameters: AttributeValue[] = [];
  const parameter = (value: AttributeValue) => {
    parameters.push(value);
    return "?";
  };
  return { Statement: statementText(write, parameter), Parameters: parameters };
}

type Parameter = (value: AttributeValue) => string;

function statementText(write: ConditionalWrite, parameter: Parameter): string {
  switch (write.kind) {
    case "insert": {
      const members = Object.entries({ ...write.key, ...write.item });
      return `INSERT INTO "${write.table}" VALUE {${members.map(([name, value]) => `'${name}':${parameter(value)}`).join(",")}}`;
    }
    case "update": {
      const set = Object.entries(write.set).map(([name, value]) => ` SET "${name}"=${parameter(value)}`);
      const remove = (write.remove ?? []).map((name) => ` REMOVE "${name}"`);
      return `UPDATE "${write.table}"${[...set, ...remove].join("")}${where(write.key, write.when, parameter)}`;
    }
    case "delete":
      return `DELETE FROM "${write.table}"${where(write.key, write.when ?? {}, parameter)}`;
  }
}

function where(key: Conditions, when: Conditions, parameter: Parameter): string {
  const terms = [...Object.entries(key), ...Object.entries(when)].map(([name, value]) =>
    value === absent ? `"${name}" IS MISSING` : `"${name}"=${parameter(value)}`,
  );
  return ` WHERE ${terms.join(" AND ")}`;
}
