/** What tests that run models share. */
import { readFile } from 'node:fs/promises';
import { expect, type Page, type Worker } from '@playwright/test';

/** Opens the view and waits for its result. */
export async function runDigits(page: Page) {
  await page.getByRole('link', { name: 'Run', exact: true }).click();
  await page.getByTestId('run-digits').click();
  await expect(page.getByTestId('run-accuracy')).toBeVisible({ timeout: 30_000 });
}

/** What an entry of the export menu saves. */
export async function saved(page: Page, kind: string) {
  await page.getByTestId('run-export').click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(`run-${kind}`).click()]);
  return readFile(await download.path());
}

/** The worker that runs models; there once a model has run. */
export async function runWorker(page: Page): Promise<Worker> {
  for (const worker of page.workers()) if ((await worker.evaluate(() => self.name)) === 'run') return worker;
  throw new Error('no worker runs models');
}
