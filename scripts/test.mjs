// Installs what the tests need, checks the code, then runs every compiled test file, each in a process of its own.
// `npm test -- hub journal` runs only the files whose path contains one of the words, without the check.
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run as runTests } from 'node:test';
import { spec } from 'node:test/reporters';
import { build, ensureDebianPackages, ensurePackages, root, run } from './setup.mjs';

const started = process.hrtime.bigint();
const words = process.argv.slice(2);

ensurePackages();
ensureDebianPackages([
  { name: 'chromium', file: '/usr/bin/chromium' },
  { name: 'fonts-dejavu-core', file: '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf' },
  { name: 'mariadb-server', file: '/usr/sbin/mariadbd' },
  { name: 'gcc-avr', file: '/usr/bin/avr-gcc' },
  { name: 'avr-libc', file: '/usr/lib/avr/include/avr/io.h' },
  { name: 'arduino-core-avr', file: '/usr/share/arduino/hardware/arduino/avr/boards.txt' },
  { name: 'make', file: '/usr/bin/make' },
  { name: 'g++', file: '/usr/bin/g++' },
  { name: 'python3', file: '/usr/bin/python3' },
]);
if (words.length === 0) run(process.execPath, [join(root, 'scripts', 'check.mjs')]);
else build();

const suites = [
  'hub/contract/dist',
  'hub/client/dist',
  'db/dist',
  'hub/dist',
  'gateway/dist',
  'arduino/emulator/dist',
  'pwa/build',
  'test/dist',
];
const files = suites
  .flatMap((folder) => testFiles(join(root, folder)))
  .filter((file) => words.length === 0 || words.some((word) => relative(root, file).includes(word)))
  .sort();

const count = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
/** Browser, MariaDB and whole-site tests want the machine for themselves: they run one after the other, after the rest. */
const alone = (file) => /\/(e2e|site|chaos)\//.test(relative(root, file)) || /mariadb/i.test(file);
await runAll(
  files.filter((file) => !alone(file)),
  2,
);
await runAll(files.filter(alone), 1);

for (const { name, file, error } of failures) {
  console.log(
    `\nFAILED ${name}\n  in ${file}\n  ${String(error?.cause?.stack ?? error?.cause ?? error)
      .split('\n')
      .slice(0, 12)
      .join('\n  ')}`,
  );
}
const seconds = Number(process.hrtime.bigint() - started) / 1e9;
console.log(`\n${files.length} files in ${seconds.toFixed(0)} s`);
console.log(`${count.passed} passed, ${count.failed} failed${count.skipped > 0 ? `, ${count.skipped} skipped` : ''}`);
process.exit(count.failed === 0 && count.passed > 0 ? 0 : 1);

async function runAll(selected, concurrency) {
  if (selected.length === 0) return;
  const stream = runTests({ files: selected, concurrency, timeout: 240_000 });
  stream.on('test:pass', (event) => tally(event, 'passed'));
  stream.on('test:fail', (event) => {
    tally(event, 'failed');
    if (isLeaf(event))
      failures.push({ name: event.name, file: relative(root, event.file ?? ''), error: event.details.error });
  });
  const shown = stream.compose(spec);
  for await (const chunk of shown) process.stdout.write(chunk);
}

/** Suites and the file itself are reported too; only what asserts something is counted. */
function isLeaf(event) {
  const fileItself = event.file !== undefined && event.name === event.file;
  return event.details.type !== 'suite' && (!fileItself || event.details.error?.failureType !== 'subtestsFailed');
}

function tally(event, outcome) {
  if (!isLeaf(event)) return;
  if (outcome === 'passed' && event.name === event.file) return;
  if (event.skip !== undefined || event.todo !== undefined) count.skipped += 1;
  else count[outcome] += 1;
}

function testFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => name.endsWith('.test.js') && !name.includes('/node_modules/'));
}
