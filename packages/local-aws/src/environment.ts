import type { LocalAws } from "./start-local-aws.ts";

/**
 * Lines for a shell that point the AWS SDKs and CLI at one Region, the first
 * when none is named: `export AWS_ENDPOINT_URL=…`. The credentials in them are
 * placeholders that nothing checks.
 */
export function environmentLines({ regions, endpoints, controlUrl }: LocalAws, region = regions[0]): string[] {
  const endpoint = region === undefined ? undefined : endpoints[region];
  const settings = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    DEKHAND_LOCAL_AWS_CONTROL_URL: controlUrl,
  };
  return Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `export ${name}=${value}`);
}
