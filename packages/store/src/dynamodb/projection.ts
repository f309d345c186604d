/** What a read returns of each item, in placeholders: a reserved word may not stand in an expression. Default all. */
export function projection(attributes: readonly string[] | undefined) {
  if (attributes === undefined) return {};
  return {
    ProjectionExpression: attributes.map((name) => placeholder(attributes, name)).join(","),
    ExpressionAttributeNames: Object.fromEntries(attributes.map((name) => [placeholder(attributes, name), name])),
  };
}

/** The name of one of the attributes inside an expression. */
export function placeholder(attributes: readonly string[], name: string): string {
  return `#a${attributes.indexOf(name)}`;
}
