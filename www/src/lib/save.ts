/** Files for the person, made in the tab: a `blob:` address and a click, no server. */

export function save(name: string, type: string, content: string | Blob): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the blob by the time the next task runs; a margin costs nothing.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A file name from a model's name: its last part, without what file systems dislike. */
export function stem(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? '';
  const plain = last.replace(/\.onnx$/i, '').replace(/[^\p{L}\p{N}._-]+/gu, '-');
  return plain.replace(/^[.-]+|-+$/g, '').slice(0, 80) || 'model';
}

/** Puts text on the clipboard; false where the browser does not let us. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
