import { measureCampaign } from "/work/main/test/bench/campaign/campaign-benchmark.ts";
import { rowsOf, targetsOf } from "/work/main/test/bench/campaign/report.ts";
const [wraps, warmUpWraps, rounds] = process.argv.slice(2).map(Number);
const t = performance.now();
const outcome = await measureCampaign({ wraps, warmUpWraps, rounds });
console.table(rowsOf(outcome)); console.table(targetsOf(outcome)); console.log((performance.now()-t)/1000, "s");
