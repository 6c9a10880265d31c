/** Files that hold data for a run, by their names; what else is dropped is a model or what belongs to it. */
export const DATA_FILE = /\.(npy|npz|png|jpe?g|webp)$/i;
export const IMAGE_FILE = /\.(png|jpe?g|webp)$/i;

export interface DataFiles {
  key: number;
  files: readonly File[];
}
