export { type AssembledEncryptor, assembleEncryptor, type EncryptorAssembly } from "./assemble.ts";
export { createEncryptor, type EncryptorDeps, type EncryptorOptions } from "./encryptor.ts";
export { ENCRYPTOR_ERROR_CODES } from "./errors.ts";
