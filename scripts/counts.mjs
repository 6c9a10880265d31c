// How many tests a runner says it ran, read from what it prints.

const sum = (text, pattern) => [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);

export const counts = {
  // test result: ok. 12 passed; 0 failed; 0 ignored; ...
  cargo: (text) => ({
    passed: sum(text, /^test result: .*? (\d+) passed;/gm),
    failed: sum(text, /^test result: .*? (\d+) failed;/gm),
  }),
  // # pass 5
  tap: (text) => ({ passed: sum(text, /^# pass (\d+)$/gm), failed: sum(text, /^# fail (\d+)$/gm) }),
  //      Tests  2 failed | 10 passed (12)
  vitest: (text) => {
    const line = text.match(/^\s*Tests\s.*$/m)?.[0] ?? '';
    return { passed: sum(line, /(\d+) passed/g), failed: sum(line, /(\d+) failed/g) };
  },
  //   10 passed (5.3s)
  playwright: (text) => ({
    passed: sum(text, /^\s+(\d+) passed(?: \(.*\))?$/gm),
    failed: sum(text, /^\s+(\d+) (?:failed|flaky|interrupted|did not run)$/gm),
  }),
};
