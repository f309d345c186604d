export type { AwsClients, AwsClientsOptions, RegionClients } from "./aws-clients.ts";
export { AWS_ERROR_CODES, AwsError } from "./errors.ts";
