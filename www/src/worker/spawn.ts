/**
 * The one place that starts workers. A policy in a meta tag does not bind a worker started from
 * its address; one started from a `blob:` that imports the same-origin module inherits the
 * page's policy, so that it cannot reach another origin either.
 */
import design from './design?worker&url';
import run from './run?worker&url';
import train from './train?worker&url';
import core from './worker?worker&url';

const modules = { core, design, run, train };

export function spawn(name: keyof typeof modules): Worker {
  const address = new URL(modules[name], document.baseURI).href;
  const blob = new Blob([`import ${JSON.stringify(address)};`], { type: 'text/javascript' });
  const url = URL.createObjectURL(blob);
  // Left unrevoked: the worker fetches the blob at a time that no event tells.
  return new Worker(url, { type: 'module', name });
}
