export { type AssembledEncryptor, assembleEncryptor } from "./assemble.ts";
export { createEncryptor, type EncryptorDeps, type EncryptorOptions } from "./encryptor.ts";
export type { EncryptorAssembly } from "./encryptor-assembly.ts";
export { ENCRYPTOR_ERROR_CODES } from "./errors.ts";
