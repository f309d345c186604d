export {
  type CheckReplicaKeysDeps,
  type CheckReplicaKeysOptions,
  checkReplicaKeys,
  type ReplicaKeyFinding,
  type ReplicaKeyVerdict,
} from "./check-replica-keys.ts";
export type { DekHome } from "./copy-from-home.ts";
export { createDecryptDeks, type DecryptDeks, type DecryptDeksDeps } from "./decrypt-deks.ts";
export { type AcquireRequest, createEncryptDeks, type EncryptDeks, type EncryptDeksDeps } from "./encrypt-deks.ts";
export { DEKS_ERROR_CODES, DeksError } from "./errors.ts";
export { createHeartbeat, type Heartbeat, type HeartbeatDeps } from "./heartbeat.ts";
export {
  type AllowsOptions,
  type CurrentOptions,
  createKeyDirectory,
  type KeyDirectory,
  type KeyDirectoryDeps,
  type ResolvedKey,
} from "./key-directory.ts";
export { isKeyTrouble } from "./key-trouble.ts";
export { expectedKmsContext, kmsContext, ownKmsContext, profileLabelOf, scopeKeysOf, scopeOf } from "./kms-context.ts";
export { createListedKeys, type ListedKeys, type ListedKeysDeps } from "./listed-keys.ts";
export { createProfileHomes, type EffectiveHome, type ProfileHomes, type ProfileHomesDeps } from "./profile-homes.ts";
export { profilesAtHome } from "./profiles-at-home.ts";
export { areRelatedKeys, relatedKeyArn } from "./related-keys.ts";
export {
  makeReplicaWrap,
  type ReplicaWrap,
  type ReplicaWrapDeps,
  type ReplicaWrapOptions,
  type ReplicaWrapRequest,
} from "./replica-wrap.ts";
export { createReplicaWraps, type ReplicaWraps, type ReplicaWrapsDeps } from "./replica-wrap-birth.ts";
export { type BridgeKeys, createBridgeKeys } from "./replica-wrap-bridge.ts";
export { type RewrapDekDeps, type RewrapDekOptions, type RewrapOutcome, rewrapDek } from "./rewrap-dek.ts";
export type { DekLease } from "./shared-dek.ts";
export { createTransitKeys, type TransitKeys, type TransitKeysDeps } from "./transit-keys.ts";
export { BIRTH_DEADLINE_MS, openWrapWindow, type WrapWindow, type WrapWindowDeps } from "./wrap-window.ts";
