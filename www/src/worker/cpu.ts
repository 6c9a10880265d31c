/**
 * The engine on the CPU, for the core: its package is loaded by the first run, and gives each model a library of its own
 * with the model's weights.
 */
import * as core from 'reluctant-wasm';

type Engine = typeof import('reluctant-cpu-wasm');

let engine: Engine | null = null;
let loading: Promise<Engine> | null = null;

async function load(): Promise<Engine> {
  const wasm = await import('reluctant-cpu-wasm');
  await wasm.default();
  core.opens_cpu((weightBytes) => new wasm.Library(weightBytes));
  return (engine = wasm);
}

/** Loads the engine, once; the core opens it by itself then. */
export async function needCpu(): Promise<void> {
  loading ??= load();
  try {
    await loading;
  } catch (error) {
    // The next run tries again.
    loading = null;
    throw error;
  }
}

/** Bytes of the engine's memory: 0 before it is loaded. */
export const cpuMemory = (): number => engine?.memory_bytes() ?? 0;
