/** The page's handle on the core: one worker, typed verbs, and what was answered during the build. */
import first from 'virtual:first-answers';
import { Bridge } from './bridge';
import { Answering } from './prepared';
import { spawn } from './spawn';

export const core = new Answering(new Bridge(() => spawn('core')), first);
export { cancelled } from './bridge';
export type { Options } from './bridge';
export type { Costed, Scored, Source, Subject } from './protocol';
