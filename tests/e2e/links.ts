/** What tests that send and open links share. */
import { type Browser, expect, type Page } from '@playwright/test';
import { exact } from './site.ts';

/** The link to what is on screen. */
export async function linkOf(page: Page, names = false): Promise<string> {
  await page.getByTestId('share-menu').click();
  await page.getByTestId('share-names').setChecked(names);
  const field = page.getByTestId('share-link');
  await expect(field, 'a link is made').toHaveValue(/#r1=/);
  let last = '';
  await expect
    .poll(
      async () => {
        const before = last;
        last = await field.inputValue();
        return before === last;
      },
      { message: 'the link is made once more, and the same' },
    )
    .toBe(true);
  await page.keyboard.press('Escape');
  return last;
}

/** A browser that never saw the page. */
export async function fresh(browser: Browser, link: string) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (line) => line.type() === 'error' && problems.push(line.text()));
  await page.goto(link);
  return { page, problems, close: () => context.close() };
}

/** The figures of a cost, as the core gave them. */
export const costsOf = (page: Page) =>
  Promise.all(['offline', 'online', 'bytes', 'rounds'].map((figure) => exact(page.getByTestId(`cost-${figure}`))));
