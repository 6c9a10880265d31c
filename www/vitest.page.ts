/**
 * Where tests of the page's state run: Svelte's effects as in a browser (flushSync runs them), and of the browser no
 * more than what state reads when it is imported.
 */
import type { Environment } from 'vitest/runtime';

const page: Environment = {
  name: 'page',
  viteEnvironment: 'client',
  setup(global) {
    const location = { hash: '', href: 'https://page.test/' };
    Object.assign(global, { location, addEventListener: () => {}, scrollTo: () => {} });
    return { teardown() {} };
  },
};

export default page;
