import { fields } from "./fields.ts";

/** Of a profile; a wrap store is named alike. */
export const profileName = fields.text(
  "1 to 64 letters, digits, '.', '_' and '-', a letter or digit first",
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
);
