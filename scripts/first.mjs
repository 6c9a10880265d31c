// What the page asks first, answered by the built core in Node and written for the page's build: a first score is on
// screen before any wasm has arrived. The questions are those of www/src/worker/worker.ts; a browser test holds the
// page to ask no others before its first paint.
//
//   node scripts/first.mjs OUT
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const pkg = resolve(import.meta.dirname, '../www/src/worker/pkg');
/** As www/src/app/session.svelte.ts and www/src/lib/costing.ts have them. */
const EXAMPLE = 'resnet18-cifar100';
const LINK = 'lan';

const core = await import(pathToFileURL(join(pkg, 'reluctant.js')).href);
core.initSync({ module: readFileSync(join(pkg, 'reluctant_bg.wasm')) });

const model = core.Model.example(EXAMPLE);
const subject = { source: { kind: 'example', id: EXAMPLE }, set: {} };
const score = model.score({ set: {} });
const memory = core.memory_bytes();
const opensUnder = model.opens_under();
const settings = { protocols: [opensUnder[0].protocol], link: LINK };
const answers = [
  { verb: 'score', ask: subject, answer: { score, memory, opensUnder, link: null } },
  { verb: 'cost', ask: { ...subject, settings }, answer: { table: model.cost_table(settings), kept: null } },
  { verb: 'examples', ask: null, answer: core.examples() },
  { verb: 'links', ask: null, answer: core.links() },
  { verb: 'settings', ask: null, answer: core.settings() },
  { verb: 'protocols', ask: { terms: { protocols: [] } }, answer: core.protocols({ protocols: [] }) },
];

/** Numbers that JSON has not: NaN is null in a list that is marked. */
const plain = (_, value) =>
  value instanceof Float64Array ? { float64: [...value].map((x) => (Number.isNaN(x) ? null : x)) } : value;
await writeFile(process.argv[2], JSON.stringify(answers, plain));
