import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Faults } from './faults.js';
import { createLog } from './log.js';

test('who follows the faults hears those that stand and each change once, also who comes late', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'INFO', component: 'faults', time: () => '', write: (line) => lines.push(line) });
  const faults = new Faults(log);
  const heard: string[] = [];
  const follow = (name: string) =>
    faults.follow((fault, active, detail) => heard.push(`${name} ${fault} ${active} ${detail}`));
  follow('early');
  faults.raise('journal_failed', 'full');
  faults.raise('journal_failed', 'still full');
  follow('late');
  faults.clear('journal_failed');
  faults.clear('journal_failed');
  assert.deepEqual(heard, [
    'early journal_failed true full',
    'late journal_failed true full',
    'early journal_failed false ',
    'late journal_failed false ',
  ]);
  assert.equal(lines.length, 2);
});
