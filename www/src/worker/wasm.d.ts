/** The face of the core (crate/src/wasm.rs) as the worker sees it; the package itself is built, not kept. */
declare module 'reluctant-wasm' {
  import type { Card, Example, Score, Settings } from '../lib/types';

  /** Fetches and starts the core; call once before anything else. */
  export default function init(): Promise<unknown>;

  export class Model {
    /** The first file that is ONNX is the model, the others are its external data. Throws a `Fault`. */
    static open(files: File[], progress: (done: number, total: number) => void): Model;
    /** A model built from its spec, such as `resnet18-cifar100`. */
    static example(id: string): Model;
    score(settings: { set: Settings }): Score;
    /** `index`: that of a row; undefined for a total. */
    card(index: number | undefined, column: string): Card;
    free(): void;
  }

  /** The models that need no file. */
  export function examples(): Example[];

  /** Bytes of the core's linear memory. */
  export function memory_bytes(): number;
}
