/** A URL fit for a log: user name, password, query and fragment removed. Text that is no URL becomes `[not a URL]`. */
export function redactUrl(url: string): string {
  if (!URL.canParse(url)) return "[not a URL]";
  const parsed = new URL(url);
  const user = parsed.username !== "" || parsed.password !== "" ? "***@" : "";
  return `${parsed.protocol}//${user}${parsed.host}${parsed.pathname}`;
}
