import { describeSqsContract } from "../contract/sqs.ts";
import { embeddedTarget, targetFromEnvironment } from "../contract/targets.ts";

// In a file of its own, so that what waits here and what works in the other suites run at the same time.
describeSqsContract(targetFromEnvironment(process.env) ?? embeddedTarget());
