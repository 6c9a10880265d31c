/** Images to train on: the digits beside the page, figures that are drawn, a person's own arrays. Read once. */
import type { Form } from '../lib/train';
import type { Fault } from '../lib/types';
import { designers } from '../worker/design-client';
import type { ImagesOf } from '../worker/train-client';

/** Figures that are drawn, as the command line draws them. */
const FIGURES = { train: 4000, test: 1000 };
/** Bytes of files that are read, at most. */
const MOST_BYTES = 512 * 2 ** 20;

/** A person's files: an archive (.npz) of x and y, or two arrays (.npy), to train on and to test on. */
export interface OwnFiles {
  train: readonly File[];
  test: readonly File[];
}

type Arrays = Extract<ImagesOf, { kind: 'arrays' }>;

const known = new Map<unknown, ImagesOf>();
let keys = 0;

async function beside(name: string): Promise<Uint8Array> {
  const answer = await fetch(new URL(`examples/${name}`, document.baseURI)).catch(() => null);
  if (answer?.ok) return new Uint8Array(await answer.arrayBuffer());
  const hint = 'Check that the page is still being served, then try again.';
  throw { code: 'io', message: 'The digits could not be fetched.', place: { file: name }, hint } satisfies Fault;
}

const NONE = new Uint8Array();
const arrays = (first: Uint8Array, second = NONE) => designers.call('trainArrays', { first, second });

/** A file's bytes; one that changed since it was chosen, or is gone, is a fault. */
export async function bytesOf(file: Blob, name: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    const hint = 'It may have changed since it was chosen: choose it again.';
    throw { code: 'io', message: 'The file could not be read.', place: { file: name }, hint } satisfies Fault;
  }
}

async function read(files: readonly File[], what: string) {
  const [first, second, ...more] = files;
  if (!first || more.length > 0 || files.reduce((sum, { size }) => sum + size, 0) > MOST_BYTES) {
    const hint = `Choose one .npz that holds x and y, or two .npy files, of ${MOST_BYTES >> 20} MB at most.`;
    throw { code: 'missing-data', message: `There are no ${what} to read.`, place: {}, hint } satisfies Fault;
  }
  return arrays(await bytesOf(first, first.name), second && (await bytesOf(second, second.name)));
}

async function joined(key: string, train: ReturnType<typeof arrays>, test: ReturnType<typeof arrays>): Promise<Arrays> {
  const [{ shape, x, y }, { shape: other, x: testX, y: testY }] = await Promise.all([train, test]);
  if (other.join() !== shape.join()) {
    const message = `The images to train on are ${shape.join('\u00d7')}, those to test on ${other.join('\u00d7')}.`;
    const hint = 'Choose files of images of one size.';
    throw { code: 'invalid-setting', message, place: {}, hint } satisfies Fault;
  }
  return { kind: 'arrays', key, shape, x, y, testX, testY };
}

async function made(data: Form['data'], own: OwnFiles | null): Promise<ImagesOf> {
  if (data === 'shapes') return { kind: 'figures', key: 'shapes', ...FIGURES };
  if (data === 'digits')
    return joined(data, beside('digits_train.npz').then(arrays), beside('digits.npz').then(arrays));
  if (own) return joined(`own-${++keys}`, read(own.train, 'images to train on'), read(own.test, 'images to test on'));
  const message = 'The images of your own that this trains on are not here.';
  const hint = 'Choose their files again: neither links nor this browser keep them.';
  throw { code: 'missing-data', message, place: {}, hint } satisfies Fault;
}

/** The images of a form. */
export async function imagesOf(data: Form['data'], own: OwnFiles | null): Promise<ImagesOf> {
  const of = data === 'own' ? own : data;
  const found = known.get(of) ?? (await made(data, own));
  // Of a person's own only the newest: they are large.
  if (data === 'own') for (const key of known.keys()) if (typeof key === 'object') known.delete(key);
  if (of !== null) known.set(of, found);
  return found;
}
