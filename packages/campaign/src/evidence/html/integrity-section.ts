import type { Evidence } from "../schema/evidence-schema.ts";
import { html, type Markup } from "./markup.ts";
import { facts } from "./table.ts";

/** What this page cannot prove by itself, and how the document behind it is checked. */
export function integritySection({ integrity: { sha256, canonicalization, signature } }: Evidence): Markup {
  const signed = signature
    ? html`<p>The document is ${signature.mac ? "authenticated by a MAC" : "signed"}. Check that the key is one that you trust:
anybody can sign with a key of their own.</p>`
    : html`<p>The document is NOT signed. A hash alone shows accidental change only: whoever changes the document can hash it
again.</p>`;
  return html`<section><h2>Integrity</h2>
<p>This page is a view of a JSON document, and proves nothing by itself. Check the document:</p>
<pre>dekhand campaign evidence --check FILE.json</pre>
${signed}
${facts([
  ["SHA-256", html`<code>${sha256}</code>`],
  ["over", `the canonical JSON (${canonicalization}) of everything but "integrity"`],
  ["key", signature?.keyArn],
  ["algorithm", signature?.algorithm],
  ["signed", signature?.signedAt],
  ["value", signature && html`<code>${signature.value}</code>`],
])}</section>`;
}
