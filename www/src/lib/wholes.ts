/** Whole numbers above 0 as people write them. */

/** `2,3 4` -> 2, 3, 4; what is none is 0. */
export const wholes = (text: string): number[] =>
  text
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map(Number)
    .map((n) => (Number.isInteger(n) && n > 0 ? n : 0));
