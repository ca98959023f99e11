// dockerfile.mjs FILE: says what Docker would refuse or warn of.
import { readFileSync } from 'node:fs';
import utils from 'dockerfile-utils';

const found = utils.validate(readFileSync(process.argv[2], 'utf8'));
for (const f of found) console.log(`${process.argv[2]}:${f.range.start.line + 1}: ${f.message}`);
process.exit(found.length ? 1 : 0);
