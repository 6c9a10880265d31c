/** The page's handle on the workers that design: as many as there are processor cores, less one for the page. */
import type { DesignVerbs } from './design-protocol';
import { Pool } from './pool';
import { spawn } from './spawn';

export const designers = new Pool<DesignVerbs>(() => spawn('design'), (navigator.hardwareConcurrency || 2) - 1);
export type { Cleaned, Named, Swept, TrainFrom, TrainedFrom } from './design-protocol';
