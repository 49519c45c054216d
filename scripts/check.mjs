// Types, lint, format, import rules, cycles, and no suppression without a reason.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, ensurePackages, fail, root, run } from './setup.mjs';

ensurePackages();
build();
run(process.execPath, [
  join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome'),
  'check',
  '--error-on-warnings',
  '.',
]);

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.tsx', '*.mjs'], {
  cwd: root,
  encoding: 'utf8',
});
const unexplained = [];
for (const file of files.split('\n').filter((name) => name !== '' && name !== 'scripts/check.mjs')) {
  readFileSync(join(root, file), 'utf8')
    .split('\n')
    .forEach((line, index) => {
      if (/@ts-(ignore|nocheck)/.test(line)) unexplained.push(`${file}:${index + 1} ${line.trim()}`);
      const suppression = /(biome-ignore[^:]*|@ts-expect-error)(.*)/.exec(line);
      if (suppression !== null && (suppression[2] ?? '').replace(/[^a-z]/gi, '').length < 10) {
        unexplained.push(`${file}:${index + 1} ${line.trim()}`);
      }
    });
}
if (unexplained.length > 0) fail(`suppressions without a reason:\n${unexplained.join('\n')}`);
console.log('palang: check passed');
