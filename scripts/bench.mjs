// `npm run bench`: measurements, each beside a reference taken in the same run. A bench file prints one JSON line
// {"bench": name, "rows": [{"what", "unit", "value", "reference", "against", "ratio", "aim"}]}; everything else it prints is shown as it is.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build, ensureDebianPackages, ensurePackages, fail, root } from './setup.mjs';

ensurePackages();
ensureDebianPackages([{ name: 'mariadb-server', file: '/usr/sbin/mariadbd' }]);
build();

const words = process.argv.slice(2);
const folder = join(root, 'test/dist/bench');
const files = (existsSync(folder) ? readdirSync(folder) : [])
  .filter((name) => name.endsWith('.bench.js') && (words.length === 0 || words.some((word) => name.includes(word))))
  .sort();
if (files.length === 0) fail('no bench matches');

console.log(
  `Node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB\n`,
);
const rows = [];
for (const file of files) rows.push(...(await measure(file)));

const columns = ['what', 'value', 'reference', 'against', 'ratio', 'aim'];
const table = rows.map((row) => ({
  what: row.what,
  value: `${number(row.value)} ${row.unit}`,
  reference: row.reference === null ? '' : `${number(row.reference)} ${row.unit}`,
  against: row.against ?? '',
  ratio: row.ratio === null ? '' : number(row.ratio),
  aim: row.aim ?? '',
}));
const widths = columns.map((column) => Math.max(column.length, ...table.map((row) => row[column].length)));
const line = (row) => columns.map((column, index) => row[column].padEnd(widths[index])).join('  ');
console.log(`\n${line(Object.fromEntries(columns.map((column) => [column, column])))}`);
for (const row of table) console.log(line(row));

function number(value) {
  return Number(value) >= 100 ? Number(value).toFixed(0) : Number(value).toPrecision(3);
}

function measure(file) {
  return new Promise((resolve) => {
    const found = [];
    const child = spawn(process.execPath, ['--enable-source-maps', join(folder, file)], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface({ input: child.stdout }).on('line', (text) => {
      if (text.startsWith('{"bench"')) found.push(...JSON.parse(text).rows);
      else console.log(text);
    });
    child.once('exit', (code) => {
      if (code !== 0) fail(`${file} ended with ${code}`);
      resolve(found);
    });
  });
}
