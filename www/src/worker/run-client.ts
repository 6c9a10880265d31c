/** The page's handle on the worker that runs models; started by the first request. */
import { Bridge } from './bridge';
import type { RunVerbs } from './run-protocol';
import { spawn } from './spawn';

export const runner = new Bridge<RunVerbs>(() => spawn('run'));
export type { BenchAsk } from './replace-protocol';
export type { HeadsAsk, LiveParts, Opened, RunAsk, Ran } from './run-protocol';
export type { Data, Prepare, Samples } from './samples';
