/** The page's handle on the core: one worker, typed verbs. */
import { Bridge } from './bridge';
import { spawn } from './spawn';

export const core = new Bridge(() => spawn('core'));
export { cancelled } from './bridge';
export type { Options } from './bridge';
export type { Costed, Scored, Source, Subject } from './protocol';
