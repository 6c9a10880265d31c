// The counts of ./scripts/test, held against what each runner prints.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counts } from './counts.mjs';

test('cargo: every binary is summed', () => {
  const text = `running 3 tests
test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s
test result: FAILED. 10 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.00s
`;
  assert.deepEqual(counts.cargo(text), { passed: 13, failed: 2 });
});

test('tap', () => {
  assert.deepEqual(counts.tap('ok 1 - a\n# pass 5\n# fail 1\n'), { passed: 5, failed: 1 });
});

test('vitest: tests, not files', () => {
  const text = ' Test Files  1 failed | 3 passed (4)\n      Tests  2 failed | 10 passed (12)\n';
  assert.deepEqual(counts.vitest(text), { passed: 10, failed: 2 });
  assert.deepEqual(counts.vitest('      Tests  10 passed (10)\n'), { passed: 10, failed: 0 });
});

test('playwright: what did not run has failed', () => {
  const text = '  1 failed\n    [phone] › a.spec.mjs:3:1 › b\n  2 did not run\n  10 passed (5.3s)\n';
  assert.deepEqual(counts.playwright(text), { passed: 10, failed: 3 });
});

test('a runner that printed nothing ran nothing', () => {
  for (const count of Object.values(counts)) assert.deepEqual(count(''), { passed: 0, failed: 0 });
});
