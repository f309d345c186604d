/** A place of somebody else's that holds wraps, as the deployment's file describes it. */
export type WrapStoreConfig = DynamodbWrapStoreConfig | PostgresWrapStoreConfig | ModuleWrapStoreConfig;

interface AnyWrapStoreConfig {
  readonly name: string;
  /** The Region whose KMS the wraps belong to. */
  readonly region: string;
  /** The KMS keys that may be called for its wraps: those that they are under, and those that they may be moved to. */
  readonly keys: readonly string[];
  /** The most parallel segments that it is read in; absent: as many as a campaign asks for and the store has. */
  readonly segments?: number;
}

/** A DynamoDB table in the store's Region. */
export interface DynamodbWrapStoreConfig extends AnyWrapStoreConfig {
  readonly kind: "dynamodb";
  readonly table: string;
  readonly mapping: TableMapping;
}

/** Which attribute of an item holds what; as the wrap store of @dekhand/store takes it. */
export interface TableMapping {
  readonly partition: TableKeyAttribute;
  readonly sort?: TableKeyAttribute;
  readonly blob: { readonly attribute: string; readonly encoding?: WrapEncoding };
  readonly keyArn?: { readonly attribute: string } | { readonly constant: string };
  readonly labels?: { readonly material?: string; readonly campaign?: string; readonly wrappedAt?: string };
  readonly context?: {
    /** Context key to attribute. */
    readonly attributes?: Readonly<Record<string, string>>;
    /** Context key to value. */
    readonly constants?: Readonly<Record<string, string>>;
  };
}

export interface TableKeyAttribute {
  readonly name: string;
  /** Default `S`. */
  readonly type?: "S" | "N" | "B";
}

/** Default `binary`. */
export type WrapEncoding = "binary" | "base64";

/** A Postgres table, by statements of its owner. */
export interface PostgresWrapStoreConfig extends AnyWrapStoreConfig {
  readonly kind: "postgres";
  /** The environment variable with the connection string, which is a secret: `DEKHAND_…`. */
  readonly connection: string;
  readonly statements: { readonly scan: string; readonly swap: string; readonly read?: string };
  readonly encoding?: WrapEncoding;
  readonly keyArn?: string;
  readonly context?: {
    /** Context key to column. */
    readonly columns?: Readonly<Record<string, string>>;
    /** Context key to value. */
    readonly constants?: Readonly<Record<string, string>>;
  };
}

/** A module that is loaded into the process. */
export interface ModuleWrapStoreConfig extends AnyWrapStoreConfig {
  readonly kind: "module";
  /** Absolute where the deployment was read from a file, as it is written otherwise. */
  readonly module: string;
}
