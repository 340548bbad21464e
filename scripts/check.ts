import { runChecks } from './checks.ts';
import { say } from './say.ts';

const failed = await runChecks();
if (failed.length > 0) say(`these checks failed: ${failed.join(', ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;
