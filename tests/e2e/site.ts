/**
 * What every browser test stands on: the built page, served here under its policy, and a watch over
 * the console. A test fails when the page reports a policy violation or an uncaught error.
 */
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import { serve } from '../../scripts/serve.mjs';

export { expect };

export const corpus = (name: string) => resolve(import.meta.dirname, '../corpus/models', name);

export const test = base.extend<{ site: string }, { origin: string }>({
  origin: [
    async ({}, use) => {
      const server = await serve(resolve(import.meta.dirname, '../../www/dist'), 0);
      await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      server.close();
      server.closeAllConnections();
    },
    { scope: 'worker' },
  ],

  /** The page, opened and showing its first score. */
  site: async ({ page, origin }, use) => {
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (line) => {
      if (line.type() === 'error' || /content security policy/i.test(line.text())) problems.push(line.text());
    });
    await page.goto(origin);
    await expect(headline(page, 'ReLUs')).toHaveText('557,056');
    await use(origin);
    expect(problems, 'errors and policy violations in the console').toEqual([]);
  },
});

/** The figure of the headline above a word. */
export const headline = (page: Page, word: string) => page.getByTestId(`headline-${word.toLowerCase()}`);

/** Opens files as a person does with the picker. */
export async function pick(page: Page, files: Parameters<ReturnType<Page['locator']>['setInputFiles']>[0]) {
  await page.locator('input[type=file]').setInputFiles(files);
}

/** A whole number as the page writes it. */
export const number = async (page: Page, id: string) =>
  Number((await page.getByTestId(id).getAttribute('data-value')) ?? Number.NaN);
