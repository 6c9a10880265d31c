/** The page's handle on the workers that train: as many as there are processor cores, less one for the page. */
import { Pool } from './pool';
import { spawn } from './spawn';
import type { TrainVerbs } from './train-protocol';

export const trainers = new Pool<TrainVerbs>(() => spawn('train'), (navigator.hardwareConcurrency || 2) - 1);
export type {
  About,
  AdjustRound,
  AdjustedSoFar,
  Begin,
  Climbed,
  ImagesOf,
  InputHistogram,
  Missed,
  NextCell,
  Outcome,
  Progress,
  TiedWidth,
  TrainVerbs,
  TrainedSite,
  WidthMove,
} from './train-protocol';
export type { Bridge } from './bridge';
