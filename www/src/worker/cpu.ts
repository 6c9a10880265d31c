/**
 * The engine on the CPU, for the core: its package is loaded by the first run, and gives each model a library of its own
 * with the model's weights.
 */
import * as core from 'reluctant-wasm';
import { fetched, once } from './fetched';

type Engine = typeof import('reluctant-cpu-wasm');

let engine: Engine | null = null;

/** Loads the engine, once; the core opens it by itself then. */
export const needCpu = once(() =>
  fetched('The engine', async () => {
    const wasm = await import('reluctant-cpu-wasm');
    await wasm.default();
    core.opens_cpu((weightBytes) => new wasm.Library(weightBytes));
    engine = wasm;
  }),
);

/** Bytes of the engine's memory: 0 before it is loaded. */
export const cpuMemory = (): number => engine?.memory_bytes() ?? 0;
