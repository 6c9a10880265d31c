/** A cell that is opened, or is not, as the workers that make it say. */
import { beforeEach, expect, it, vi } from 'vitest';

const { played } = vi.hoisted(() => ({ played: { cell: (): unknown => null, opened: [] as string[] } }));

vi.mock('../worker/design-client', () => ({ designers: { call: async () => played.cell() } }));
vi.mock('../worker/train-client', () => ({ trainers: {} }));
vi.mock('./session.svelte', () => ({
  session: { openFiles: async ([file]: File[]) => void played.opened.push(file?.name ?? '') },
}));

const { cells } = await import('./cells.svelte');
const row = { seed: 1, by: 'search', nodes: [0, 0, 1], width: 4, numbers: new Float32Array() } as unknown as Parameters<
  typeof cells.open
>[0];

beforeEach(() => {
  location.hash = '#/lab';
  played.opened = [];
});

it('shows a cell that is opened in Score', async () => {
  played.cell = () => ({ file: new Uint8Array() });
  await cells.open(row);
  expect([played.opened, location.hash, cells.opening.problem]).toEqual([['cell-search-1.onnx'], '#/score', null]);
});

it('says why a cell is not opened, and stays', async () => {
  const fault = { code: 'internal', message: 'The worker stopped.', place: {}, hint: '' };
  played.cell = () => Promise.reject(fault);
  await cells.open(row);
  expect(cells.opening.problem).toMatchObject({ doing: 'Opening the cell', fault });
  expect([played.opened, location.hash]).toEqual([[], '#/lab']);
});
