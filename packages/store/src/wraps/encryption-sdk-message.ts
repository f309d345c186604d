/**
 * Knows messages of the AWS Encryption SDK by their first bytes.
 *
 * Such a message holds data together with its wrapped keys and a tag over its
 * header: putting a rewrapped key into it breaks the tag, so KMS cannot rewrap
 * inside it. Source: AWS Encryption SDK message format reference, "Header
 * structure": version 1 is 0x01, type 0x80, suite; version 2 is 0x02, suite.
 */

const version1Suites = new Set([0x0014, 0x0046, 0x0078, 0x0114, 0x0146, 0x0178, 0x0214, 0x0346, 0x0378]);
/** The suites with key commitment. */
const version2Suites = new Set([0x0478, 0x0578]);

/** KMS's own blobs begin with 0x01 0x02, so they are none of these. */
export function isEncryptionSdkMessage(blob: Uint8Array): boolean {
  const [version, second = 0, third = 0, fourth = 0] = blob;
  if (version === 0x01) return second === 0x80 && version1Suites.has((third << 8) | fourth);
  return version === 0x02 && version2Suites.has((second << 8) | third);
}
