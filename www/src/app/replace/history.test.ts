import { expect, test } from 'vitest';
import { begin, changed, redone, settled, undone } from './history';

test('a drag is one step, and undo and redo walk the steps', () => {
  let history = begin(100);
  for (const value of [90, 70, 40]) history = changed(history, value, 'budget');
  history = changed(settled(history), 30, 'budget');
  expect(history.past).toEqual([100, 40]);
  history = undone(undone(history));
  expect(history.now).toBe(100);
  expect(undone(history).now).toBe(100);
  history = redone(history);
  expect([history.now, history.future]).toEqual([40, [30]]);
  // A new change forgets what was undone.
  expect(redone(changed(history, 5)).now).toBe(5);
});
