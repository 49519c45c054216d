import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LaneState } from '@palang/contract/vocabulary';
import type { Step } from './walk.js';
import { Walk } from './walk.js';

const FILE = fileURLToPath(new URL('../../src/lane/DIAGRAM.md', import.meta.url));

/** What the machine really does, seen on a long walk: from, to, and the inputs that led there. */
function observed(): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>();
  const see = ({ before, label, transition: { state } }: Step) => {
    if (before.phase === state.phase) return;
    const edge = `${before.phase} --> ${state.phase}`;
    edges.set(edge, (edges.get(edge) ?? new Set()).add(label));
  };
  for (let seed = 1; seed <= 15; seed++) {
    const profile = { direction: 'reversible', payments: ['cash', 'emoney'] };
    new Walk(seed, { terminal: true, profile }, see).run(2_500);
  }
  return edges;
}

function drawn(edges: Map<string, Set<string>>): string {
  const lines = [...edges].map(([edge, labels]) => `  ${edge}: ${[...labels].sort().join(', ')}`).sort();
  return [
    '# The lane machine, as observed',
    '',
    'Drawn from a long random walk through the machine itself by `diagram.test.ts`, which fails when the machine does something else than this page says;',
    '`DRAW=1 npm test -- diagram` draws it anew. Operators can hold, open or suspend from almost anywhere, and a device that returns after a loss may move',
    'the lane to where the vehicle and the arm really are (`reconcile`): these are the many edges that the way of a car (closed, vehiclePresent, opening, open,',
    'passing, closing, closed) does not need.',
    '',
    '```mermaid',
    'stateDiagram-v2',
    '  [*] --> closed',
    ...lines,
    '```',
    '',
  ].join('\n');
}

test('the diagram shows what the machine does', () => {
  const edges = observed();
  const text = drawn(edges);
  if (process.env.DRAW === '1') writeFileSync(FILE, text);
  assert.equal(readFileSync(FILE, 'utf8'), text);
});

test('every state is reached and left', () => {
  const edges = [...observed().keys()].map((edge) => edge.split(' --> '));
  for (const phase of LaneState.options) {
    assert.ok(
      edges.some(([, to]) => to === phase),
      `nothing leads to ${phase}`,
    );
    assert.ok(
      edges.some(([from]) => from === phase),
      `nothing leads out of ${phase}`,
    );
  }
});
