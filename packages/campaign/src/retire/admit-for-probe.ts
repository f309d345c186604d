/**
 * Which wraps KMS may be asked about, whether they are under a key that is to be
 * retired: the key need not be listed for them.
 *
 * The key is the operator's own word, not a table's, and a dry run unwraps and
 * changes nothing. The KMS context is computed all the same: what is stored does
 * not decide what KMS is asked.
 */

import type { DeploymentConfig } from "@dekhand/runtime";
import { transitContext } from "@dekhand/store";
import { type AdmitWrap, admitForeignWraps, admitOwnWraps } from "../admit-wraps.ts";

const advice = "add its profile to the configuration again, or restore the item; where it is dead, accept it as that";

/** For the wraps of a store by its name, which is `dekhand`, `transit` or one of others'. */
export function admitForProbe(
  store: string,
  keyArn: string,
  { profiles }: Pick<DeploymentConfig, "profiles">,
): AdmitWrap {
  const listed = admitForeignWraps([keyArn]);
  if (store === "transit") {
    return async (wrap, keyArns, options) => listed({ ...wrap, context: transitContext(wrap.id) }, keyArns, options);
  }
  if (store !== "dekhand") return listed;
  const own = admitOwnWraps({ profiles, keys: { allows: async (_profile, asked) => asked === keyArn } });
  return async (wrap, keyArns, options) => {
    const admission = await own(wrap, keyArns, options);
    if (admission.kind === "admitted") return admission;
    return { kind: "quarantined", message: `${admission.message}: ${advice}` };
  };
}
