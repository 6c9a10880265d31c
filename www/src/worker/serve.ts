/** How a worker answers: one request at a time, word of progress, then an answer or a fault. */
import type { Fault } from '../lib/types';
import { isFault } from '../lib/types';
import type { Asked, Reply } from './protocol';

export type Tell = (done: number, total: number) => void;

/** `trap` says what stopped the core in a way that it cannot go on from: the page then starts a fresh worker. */
export function serve<T extends Asked>(
  answer: (request: T, tell: Tell) => unknown,
  trap: (detail: string) => Fault,
): void {
  const post = (reply: Reply): void => self.postMessage(reply);
  self.onmessage = async ({ data }: MessageEvent<T>) => {
    const { id } = data;
    try {
      const tell: Tell = (done, total) => post({ id, type: 'progress', done, total });
      post({ id, type: 'answer', answer: await answer(data, tell) });
    } catch (error) {
      const known = isFault(error);
      const detail = error instanceof Error ? error.message : String(error);
      post({ id, type: 'fault', fault: known ? error : trap(detail), fatal: !known });
    }
  };
}

/** A trap of the core. */
export const coreTrap = (detail: string): Fault => ({
  code: 'internal',
  message: `The core stopped unexpectedly (${detail}).`,
  place: {},
  hint: 'This is a fault of Reluctant, not of the file; the page has started a fresh core and goes on. Please report it with the structure of the model.',
});
