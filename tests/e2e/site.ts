/**
 * What every browser test stands on: the built page, served here under its policy, and a watch over
 * the console. A test that uses `site` fails when the page reports a policy violation or an error.
 */
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import axe from 'axe-core';
import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { serve } from '../../scripts/serve.mjs';

export { expect };

const here = import.meta.dirname;
export const corpus = (name: string) => resolve(here, '../corpus/models', name);

export const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

export const test = base.extend<{ site: string }, { server: Server }>({
  server: [
    async ({}, use) => {
      const server = await serve(resolve(here, '../../www/dist'), 0);
      await use(server);
      server.close();
      server.closeAllConnections();
    },
    { scope: 'worker' },
  ],

  /** The page's address; the page is open there and shows its first score. */
  site: async ({ page, server }, use) => {
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (line) => {
      if (line.type() === 'error' || /content security policy/i.test(line.text())) problems.push(line.text());
    });
    await page.goto(addressOf(server));
    await expect(total(page, 'relu')).toHaveText('557,056');
    await use(addressOf(server));
    expect(problems, 'errors and policy violations in the console').toEqual([]);
  },
});

/** A total of the headline. */
export const total = (page: Page, column: string) => page.getByTestId(`total-${column}`);

/** A number as the core gave it, however it is shown. */
export const exact = async (number: Locator) => Number((await number.getAttribute('data-exact')) ?? Number.NaN);

/** Opens files as the picker does. */
export const open = (page: Page, files: Parameters<Locator['setInputFiles']>[0]) =>
  page.getByTestId('file-input').setInputFiles(files);

/** Files made by a test, for `open`. */
export const made = (name: string, buffer: Buffer) => ({ name, mimeType: 'application/octet-stream', buffer });

/** The model whose score is shown. */
export const shown = (page: Page) => page.getByTestId('model-menu');

const LOOKS = {
  light: { colorScheme: 'light', forcedColors: 'none' },
  dark: { colorScheme: 'dark', forcedColors: 'none' },
  forced: { colorScheme: 'light', forcedColors: 'active' },
} as const;

/** What axe finds in these looks, one line each: all of it in the first, and of colours in the others, where nothing else differs. */
export async function violations(page: Page, looks: (keyof typeof LOOKS)[] = ['light', 'dark']): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  const found: string[] = [];
  for (const [place, look] of looks.entries()) {
    await page.emulateMedia(LOOKS[look]);
    // Of what passes nothing is kept: every selector of it would be worked out.
    const { violations } = await page.evaluate(
      (colours) =>
        (globalThis as unknown as { axe: typeof axe }).axe.run({
          resultTypes: ['violations'],
          ...(colours && { runOnly: ['color-contrast', 'link-in-text-block'] }),
        }),
      place > 0,
    );
    const lines = violations.flatMap((rule) =>
      rule.nodes.map((node) => `${look}: ${rule.id}: ${node.target.join(' ')}: ${node.failureSummary}`),
    );
    found.push(...lines);
  }
  await page.emulateMedia({ colorScheme: null, forcedColors: null });
  return found;
}

/** What an entry of the chart's menu saves. */
export async function chartFile(page: Page, kind: 'svg' | 'png' | 'csv') {
  await page.getByTestId('pareto-export').click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(`pareto-${kind}`).click()]);
  return readFile(await download.path());
}
