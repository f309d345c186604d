export { type AwsClients, type AwsClientsOptions, createAwsClients, type RegionClients } from "./aws-clients.ts";
export { AWS_ERROR_CODES, AwsError } from "./errors.ts";
