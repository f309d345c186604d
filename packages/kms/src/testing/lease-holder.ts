/** A worker that leases as much as it can of a shared quota, says so, and uses none of it. Arguments: Redis URL, key, settings. */
import { Redis } from "ioredis";
import { createSharedMeter, type SharedMeterSettings } from "../quota/shared-meter.ts";

const [url = "", key = "", settings = "{}"] = process.argv.slice(2);
const parsed: SharedMeterSettings = JSON.parse(settings);
const meter = createSharedMeter({ redis: new Redis(url), key, settings: () => parsed, serverId: () => "only" });
const { delaysMs } = await meter.acquire("campaign", 25);
process.stdout.write(`leased ${delaysMs.length}\n`);
