/** What a model is run on, as the page names it to a worker. */
import type { Layout, Normal, Roles } from '../lib/arrays';

/** Labels of images: an array of files beside them. */
export interface Labels {
  files: readonly File[];
  /** Which of their arrays. */
  place: number;
}

/** Where the inputs come from. */
export type Data =
  | { kind: 'arrays'; key: number; files: readonly File[]; roles: Roles }
  | { kind: 'images'; key: number; files: readonly File[]; margin: number; labels: Labels | null }
  | { kind: 'random'; seed: number };

/** What is done to an image input before it enters the model. */
export interface Prepare {
  /** Of the data. */
  from: Layout;
  /** Of the model. */
  to: Layout;
  normal: Normal | null;
}

/** Samples as a run takes them. */
export interface Samples {
  data: Data;
  /** At most. */
  take: number;
  prepare: Prepare | null;
}
