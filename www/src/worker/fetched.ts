/** What a worker fetches before it can answer. A file that is not there is no fault of the core, and is said for what it is. */
import type { Fault } from '../lib/types';

const reasonOf = (error: unknown): string | null => {
  if (error instanceof WebAssembly.CompileError) return 'what came is not the file';
  // What fetch, import and WebAssembly throw for an answer that is none.
  return error instanceof TypeError ? error.message : null;
};

/** Loads; throws a `Fault` where a file is missing. */
export async function fetched<T>(what: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === null) throw error;
    const fault: Fault = {
      code: 'io',
      message: `${what} could not be fetched (${reason}).`,
      place: {},
      hint: 'Check that the page is still being served, then reload it.',
    };
    throw fault;
  }
}

/** Loads once; after a fault the next who asks tries again. */
export function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null;
  return async () => {
    loading ??= load();
    try {
      return await loading;
    } catch (error) {
      loading = null;
      throw error;
    }
  };
}
