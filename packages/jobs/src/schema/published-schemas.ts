import { encryptJobJsonSchema, replicateJobJsonSchema, rewrapJobJsonSchema } from "./job-schemas.ts";

/** The published schemas: where the repository keeps each, and what the code says. */
export const publishedSchemas = [
  { name: "encrypt-job.v1.json", make: encryptJobJsonSchema },
  { name: "rewrap-job.v1.json", make: rewrapJobJsonSchema },
  { name: "replicate-job.v1.json", make: replicateJobJsonSchema },
].map(({ name, make }) => ({ name, make, file: new URL(`../../../../docs/schemas/${name}`, import.meta.url) }));
