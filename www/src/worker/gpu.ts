/**
 * Opens the GPU for the engine: its package is loaded by the first run that wants one, and one device
 * serves all models of this worker until it is lost. Without WebGPU nothing is loaded.
 */
import type { Gpu } from 'reluctant-gpu-wasm';
import type { Fault } from '../lib/types';

/** The part of WebGPU that is asked here; the rest the package does. */
interface Adapters {
  requestAdapter(options: {
    powerPreference: 'high-performance';
  }): Promise<{ info?: { vendor: string; architecture: string; description: string } } | null>;
}

const fault = (message: string): Fault => ({
  code: 'gpu',
  message,
  place: {},
  hint: 'The CPU engine gives the same results.',
});

let open: Promise<Gpu> | null = null;

async function loaded() {
  const wasm = await import('reluctant-gpu-wasm');
  await wasm.default();
  return wasm;
}

async function start(): Promise<Gpu> {
  const { gpu } = navigator as { gpu?: Adapters };
  if (!gpu) throw fault('this browser has no WebGPU');
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw fault('this browser offers no GPU to pages');
  const { vendor = '', architecture = '', description = '' } = adapter.info ?? {};
  const wasm = await loaded().catch((error: unknown) => {
    throw fault(
      `what runs kernels on the GPU could not be loaded: ${error instanceof Error ? error.message : 'no answer'}`,
    );
  });
  return wasm.Gpu.open(description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed');
}

/** The open GPU; one that was lost is opened anew. Throws a `Fault` where there is none. */
export async function openGpu(): Promise<Gpu> {
  const known = await open?.catch(() => null);
  if (known?.alive()) return known;
  return (open = start());
}
