/**
 * Evidence as one page for people: no scripts, nothing loaded from elsewhere,
 * fit to be printed. The conclusions stand first.
 */

import type { Evidence } from "../schema/evidence-schema.ts";
import { campaignSection } from "./campaign-section.ts";
import { censusSection } from "./census-section.ts";
import { conclusionSection } from "./conclusion-section.ts";
import { failuresSection } from "./failures-section.ts";
import { historySection } from "./history-section.ts";
import { integritySection } from "./integrity-section.ts";
import { html, textOf } from "./markup.ts";
import { style } from "./style.ts";
import { workSection } from "./work-section.ts";

const sections = [
  conclusionSection,
  campaignSection,
  censusSection,
  failuresSection,
  workSection,
  historySection,
  integritySection,
];

export function renderEvidence(evidence: Evidence): string {
  const title = `Evidence of campaign ${evidence.campaign.id}`;
  return textOf(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<h1>${title}</h1>
${sections.map((section) => html`${section(evidence)}\n`)}
</body>
</html>
`);
}
