import { type CallOptions, type KeyDescription, type KeyRotation, KmsError } from "@dekhand/kms";
import type { CampaignTarget } from "@dekhand/store";
import { CampaignError } from "../errors.ts";

export interface RotationLookup {
  /** Absent: the endpoint does not tell rotations. */
  listKeyRotations?(region: string, keyArn: string, options?: CallOptions): Promise<readonly KeyRotation[]>;
}

/** The quota is small, and a command has a small share of it. */
const PATIENCE_MS = 60_000;

/** What is known of a key's rotations; undefined where KMS does not tell this caller. */
export async function findRotations(
  region: string,
  keyArn: string,
  lookup: RotationLookup,
  options: CallOptions,
): Promise<readonly KeyRotation[] | undefined> {
  try {
    return await lookup.listKeyRotations?.(region, keyArn, { ...options, deadlineMs: PATIENCE_MS });
  } catch (error) {
    if (error instanceof KmsError && isUntold.has(error.failureClass)) return undefined;
    throw error;
  }
}

/** Not permitted, not in this state of the key, or not an operation that this endpoint or this key has. */
const isUntold: ReadonlySet<KmsError["failureClass"]> = new Set(["denied", "key-unusable", "poison"]);

/** What wraps are current by after a rotation. Throws CAMPAIGN_NOT_ROTATED where there was none, or nothing tells of it. */
export function currentMaterial(
  region: string,
  { arn, material }: KeyDescription,
  rotations: readonly KeyRotation[] | undefined,
): Pick<CampaignTarget, "material" | "rotatedAt"> {
  const rotatedAt = rotations && timeOf(rotations, material);
  if (rotations && rotatedAt === undefined) {
    throw notRotated(`the key ${arn} has not been rotated yet: all its wraps are under its only material`, region, arn);
  }
  if (material === undefined && rotatedAt === undefined) {
    throw notRotated(`KMS tells neither material nor rotations of the key ${arn}`, region, arn);
  }
  return { ...(material === undefined ? {} : { material }), ...(rotatedAt === undefined ? {} : { rotatedAt }) };
}

/** When the current material became so; of the newest rotation, where materials are not told. */
function timeOf(rotations: readonly KeyRotation[], material: string | undefined): string | undefined {
  const own = rotations.find((one) => material !== undefined && one.material === material)?.rotatedAt;
  const times = rotations.flatMap(({ rotatedAt }) => rotatedAt ?? []);
  return own ?? times.toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
}

function notRotated(message: string, region: string, keyArn: string): CampaignError {
  return new CampaignError("CAMPAIGN_NOT_ROTATED", message, { context: { region, keyArn } });
}
