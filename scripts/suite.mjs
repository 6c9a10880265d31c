// The steps of ./scripts/test: runs them, counts their tests, prints the summary.
// A step that has no tests of its own (a linter, a build) counts one failure when it fails.
import { spawn } from 'node:child_process';
import { counts } from './counts.mjs';

const sh = (line) => ['bash', '-c', line];
const setup = (line) => sh(`. scripts/setup.sh && ${line}`);

// A step: [group, step, command, runner whose summary is read, skip when this command fails].
// Native steps name no package but the wasm's: with the features of the whole workspace they share what is compiled.
const native = [
  [
    'rust',
    'tools',
    sh('cargo clippy --version >/dev/null && cargo fmt --version >/dev/null || rustup component add clippy rustfmt'),
  ],
  ['rust', 'format', ['cargo', 'fmt', '--all', '--check']],
  ['rust', 'a GPU in software', setup('need_vulkan')],
  ['rust', 'tests', ['cargo', 'test', '--locked', '--workspace', '--no-fail-fast'], 'cargo'],
  ['rust', 'schema', ['cargo', 'run', '--locked', '-q', '--bin', 'xtask', '--', 'schema', '--check']],
  ['rust', 'clippy', sh('cargo clippy --locked --workspace --all-targets -- -D warnings')],
  ['rust', 'docs', sh('RUSTDOCFLAGS="-D warnings" cargo doc --locked -q --lib --no-deps --document-private-items')],
  ['rust', 'licences', sh('cargo deny --locked check'), undefined, 'cargo deny --version'],
];

const wasmClippy = (crate, feature) =>
  sh(
    `cargo clippy --locked -p ${crate} --lib --target wasm32-unknown-unknown --no-default-features --features ${feature} -- -D warnings`,
  );

const build = [['wasm', 'build', ['./scripts/build']]];

// What cargo compiles for the page, to lint it and to compare it with the command line as the tests have that built.
const wasm = [
  ['wasm', 'clippy of the core', wasmClippy('reluctant', 'web')],
  ['wasm', 'clippy of the CPU engine', wasmClippy('reluctant-cpu', 'wasm')],
  ['wasm', 'clippy of the GPU engine', wasmClippy('reluctant-gpu', 'wasm')],
  ['wasm', 'clippy of the training engine', wasmClippy('reluctant-train', 'wasm')],
  ['wasm', "clippy of the protocol's engine", wasmClippy('reluctant-mpc', 'wasm')],
  [
    'wasm',
    'same figures',
    sh('cargo build --locked -q --bin reluctant && node --test --test-reporter=tap tests/wasm/*.test.mjs'),
    'tap',
  ],
];

const page = [
  [
    'scripts',
    'own tests',
    [
      'node',
      '--test',
      '--test-reporter=tap',
      'scripts/serve.test.mjs',
      'scripts/counts.test.mjs',
      'scripts/sizes.test.mjs',
    ],
    'tap',
  ],
  ['page', 'packages', setup('need_packages www')],
  ['page', 'format', sh('cd www && npm run --silent format:check')],
  ['page', 'types', sh('cd www && npm run --silent check')],
  ['page', 'tests', sh('cd www && npm run --silent test'), 'vitest'],
  ['e2e', 'setup', setup('need_packages tests/e2e && need_chromium && need_python')],
  ['e2e', 'types', sh('cd tests/e2e && npm run --silent check')],
];

// They keep every core busy by themselves, and some of them measure time.
const browsers = [
  ['e2e', 'browser', setup('need_chromium && cd tests/e2e && npx --no-install playwright test'), 'playwright'],
  [
    'e2e',
    'Firefox',
    setup('need_firefox && node --test --test-reporter=tap tests/e2e/firefox.test.mjs'),
    'tap',
    '[ -n "$FIREFOX" ] || command -v firefox-esr || command -v firefox || apt-cache show firefox-esr',
  ],
];

/** Runs one command; resolves to its exit code and output. What is `heard` is passed on as it comes. */
function run([program, ...args], heard = false) {
  return new Promise((done) => {
    let output = '';
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, CARGO_TERM_COLOR: 'never' },
    });
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      from.setEncoding('utf8').on('data', (text) => {
        output += text;
        if (heard) to.write(text);
      });
    }
    child.on('error', (error) => done({ code: 1, output: String(error) }));
    child.on('close', (code) => done({ code: code ?? 1, output }));
  });
}

const steps = [...native, ...build, ...wasm, ...page, ...browsers];
const groups = [...new Set(steps.map(([group]) => group))];
const asked = process.argv.slice(2);
const strange = asked.find((name) => !groups.includes(name));
if (strange !== undefined) {
  console.error(`no step is named ${strange}; the steps are: ${groups.join(' ')}`);
  process.exit(2);
}
// The browser looks at what the build makes.
const wanted = new Set(asked.length ? asked : groups);
const isWanted = ([group, step]) => wanted.has(group) || (group === 'wasm' && step === 'build' && wanted.has('e2e'));
const since = (start) => (performance.now() - start) / 1000;

const rows = new Map();

/** Runs steps one after another. Of lanes side by side, each shows what a step said once it has ended. */
async function lane(steps, alone) {
  for (const step of steps.filter(isWanted)) {
    const [group, name, command, runner, unless] = step;
    const title = `${group}: ${name}`;
    if (unless && (await run(sh(`${unless} >/dev/null 2>&1`))).code !== 0) {
      rows.set(step, { title, result: 'skipped', seconds: 0, passed: 0, failed: 0 });
      continue;
    }
    console.log(alone ? `\n== ${title}` : `-- ${title} ...`);
    const start = performance.now();
    const { code, output } = await run(command, alone);
    if (!alone) console.log(`\n== ${title}\n${output}`);
    const { passed, failed } = runner ? counts[runner](output) : { passed: 0, failed: 0 };
    // A runner that ran nothing has not passed.
    const good = code === 0 && failed === 0 && (!runner || passed > 0);
    rows.set(step, {
      title,
      result: good ? 'ok' : 'FAILED',
      seconds: since(start),
      passed,
      failed: good ? 0 : Math.max(failed, 1),
    });
  }
}

// What is compiled for the page is mostly work of one thread, as long tests are: lanes side by side fill each other's gaps.
// One of them needs no cargo, which lets only one compile at a time.
const start = performance.now();
if (native.some(isWanted) && [...build, ...wasm, ...page].some(isWanted)) {
  const built = lane(build).then(() => Promise.all([lane(wasm), lane(page)]));
  await Promise.all([lane(native), built]);
} else {
  for (const steps of [native, build, wasm, page]) await lane(steps, true);
}
await lane(browsers, true);

const ran = steps.flatMap((step) => rows.get(step) ?? []);
const total = (field) => ran.reduce((sum, row) => sum + row[field], 0);
const line = (step, result, seconds, tests) =>
  console.log(`${step.padEnd(38)}${result.padEnd(10)}${seconds.padStart(8)}${tests.padStart(8)}`);
console.log();
line('step', 'result', 'seconds', 'tests');
for (const row of ran) line(row.title, row.result, row.seconds.toFixed(1), String(row.passed + row.failed || '-'));
line(
  'all, side by side',
  ran.every((row) => row.result !== 'FAILED') ? 'ok' : 'FAILED',
  since(start).toFixed(1),
  String(total('passed') + total('failed')),
);
console.log(`${total('passed')} passed, ${total('failed')} failed`);
process.exitCode = total('failed') ? 1 : 0;
