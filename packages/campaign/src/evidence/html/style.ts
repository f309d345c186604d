import { html } from "./markup.ts";

export const style = html`
  body { font: 15px/1.5 system-ui, sans-serif; color: #1a1a1a; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.6rem; margin: 0; }
  h2 { font-size: 1.15rem; margin: 2.2rem 0 0.5rem; border-bottom: 1px solid #bbb; break-after: avoid; }
  table { border-collapse: collapse; width: 100%; font-size: 0.85rem; }
  th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.6rem 0.25rem 0; border-bottom: 1px solid #ddd; overflow-wrap: anywhere; }
  th { white-space: nowrap; }
  tr { break-inside: avoid; }
  .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
  .status { font-weight: 600; }
  .none { color: #555; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1rem; margin: 0; }
  dt { color: #555; }
  dd { margin: 0; overflow-wrap: anywhere; }
  code, pre { font: 0.85rem/1.4 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
  @media print { body { margin: 0; max-width: none; font-size: 10pt; } }
`;
