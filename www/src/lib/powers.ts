/** Figures far below one, for views that are loaded when they are opened. */

const RAISED = '\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079';

/** Two figures and a power of ten below 0.0001, where decimals are hard to count: `4.1\u00d710\u207b\u2077`; 0 is 0. */
export function small(value: number): string {
  if (value === 0 || Math.abs(value) >= 1e-4) return String(Number(value.toPrecision(2)));
  const [digits, power = ''] = value.toExponential(1).split('e-');
  return `${digits}\u00d710\u207b${[...power].map((digit) => RAISED[Number(digit)]).join('')}`;
}
