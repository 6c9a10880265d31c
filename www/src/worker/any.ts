/**
 * The one module that every worker starts from: its name says which it is. What they share, the core's glue above all, is one
 * file that way. What comes before the part is there waits for it.
 */
const parts = {
  core: () => import('./worker'),
  design: () => import('./design'),
  run: () => import('./run'),
  train: () => import('./train'),
  party: () => import('./party'),
  wire: () => import('./wire'),
};
export type Part = keyof typeof parts;

const early: MessageEvent[] = [];
self.onmessage = (event: MessageEvent) => void early.push(event);
await parts[self.name as Part]();
for (const event of early) self.dispatchEvent(new MessageEvent('message', { data: event.data as unknown }));
