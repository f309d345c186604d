/** How a deployment is laid out: the one file that all services read. */
export interface DeploymentConfig {
  /** In front of every table name: `${prefix}-deks`. */
  readonly prefix: string;
  readonly regions: readonly string[];
  /** The Region that is authoritative for state. */
  readonly control: string;
  readonly endpoints: Readonly<Record<string, RegionEndpoints>>;
  readonly profiles: Readonly<Record<string, Profile>>;
  /** The KMS key that wraps the transit private key; absent: no transit sealing. */
  readonly transit?: TransitConfig;
  /** Queue names; the SQS queue and the BullMQ queue have the same name. */
  readonly queues: { readonly encrypt: string };
  readonly limits: { readonly payloadBytes: number };
}

/** URLs that replace AWS's own, for an emulator or a private endpoint. */
export interface RegionEndpoints {
  readonly kms?: string;
  readonly sqs?: string;
  readonly dynamodb?: string;
}

export interface TransitConfig {
  readonly key: string;
  /** Default: the control Region. */
  readonly region?: string;
}

/** A named rule for records: where their DEKs are made, under which key, and for how long one is used. */
export interface Profile {
  readonly name: string;
  /** The Region where the profile's DEKs are created. */
  readonly home: string;
  /** Alias, key id or ARN of the key for new DEKs. */
  readonly key: string;
  /** Keys whose wraps may still be opened. */
  readonly retiring: readonly string[];
  /** Context keys that every record must have. */
  readonly required: readonly string[];
  /** Those of `required` that also scope a DEK. */
  readonly dekScope: readonly string[];
  /** A DEK takes no further record once one of these is reached. */
  readonly reuse: { readonly records: number; readonly bytes: number; readonly ageMs: number };
}
