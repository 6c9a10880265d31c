/**
 * Names come from files that nobody vouches for. They are shown as text only, with everything
 * that could hide or reorder characters made visible, and cut to a length a page can hold.
 */

// Controls, bidi marks and overrides, zero-width characters, line separators, tags, lone surrogates.
const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\ud800-\udfff]/gu;

const LONGEST = 240;

/** `a<U+202E>b` -> `a[U+202E]b`; longer names keep both ends around an ellipsis. */
export function visible(name: string): string {
  const cut = name.length > LONGEST ? `${name.slice(0, LONGEST / 2)}\u2026${name.slice(-LONGEST / 2)}` : name;
  return cut.replace(HIDDEN, (c) => {
    const code = c.codePointAt(0) ?? 0;
    return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
  });
}
