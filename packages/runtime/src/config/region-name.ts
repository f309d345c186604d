import { fields } from "./fields.ts";

export const regionName = fields.text(
  "the name of an AWS Region, such as eu-west-1",
  /^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$/,
);
