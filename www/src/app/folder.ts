/** A folder that was dropped: its files, named as the model in it names its external data. */

/** Files that are looked at: what a folder of weights has, and no home directory. */
const MOST = 1000;

interface Placed {
  path: string;
  file: File;
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> => new Promise((done, failed) => entry.file(done, failed));

/** A reader gives its entries a few at a time, and none at the end. */
async function listed(entry: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = entry.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (some.length === 0 || all.length > MOST) return all;
    all.push(...some);
  }
}

async function walk(entries: readonly FileSystemEntry[], found: Placed[]): Promise<void> {
  for (const entry of entries) {
    if (found.length >= MOST) return;
    if (entry.isDirectory) await walk(await listed(entry as FileSystemDirectoryEntry), found);
    else found.push({ path: entry.fullPath.replace(/^\/+/, ''), file: await fileOf(entry as FileSystemFileEntry) });
  }
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);

/** The model that lies highest, the first by name, then what lies in its folder and below, by their paths from there. */
export function besideModel(found: readonly Placed[]): Placed[] {
  const depth = (path: string): number => path.split('/').length;
  const models = found.filter(({ path }) => /\.onnx$/i.test(path));
  const [model] = models.toSorted((a, b) => depth(a.path) - depth(b.path) || a.path.localeCompare(b.path));
  if (!model) return found.map(({ path, file }) => ({ path: path.split('/').at(-1) ?? path, file }));
  const base = folderOf(model.path);
  const others = found.filter((one) => one !== model && one.path.startsWith(base) && !/\.onnx$/i.test(one.path));
  return [model, ...others].map(({ path, file }) => ({ path: path.slice(base.length), file }));
}

/** All files of what was dropped; a name holds its path below the model's folder. */
export async function filesOf(entries: readonly FileSystemEntry[]): Promise<File[]> {
  const found: Placed[] = [];
  await walk(entries, found);
  return besideModel(found).map(({ path, file }) => (path === file.name ? file : new File([file], path)));
}
