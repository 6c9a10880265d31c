/** What tests that run models share. */
import { readFile } from 'node:fs/promises';
import { expect, type Page } from '@playwright/test';

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
