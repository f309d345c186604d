/** Where the repository publishes the schema. */
export const publishedSchema = new URL("../../../../docs/schemas/encrypt-job.v1.json", import.meta.url);
