/** When the page has kept what is on screen. */
import { expect, type Page } from '@playwright/test';

/** When the page last kept something, of any tab; opens no database that the page did not make. */
export const lastKept = (page: Page): Promise<number> =>
  page
    .evaluate(
      async () =>
        (await indexedDB.databases()).some(({ name }) => name === 'reluctant') &&
        new Promise<number>((done) => {
          const request = indexedDB.open('reluctant');
          request.onerror = () => done(0);
          request.onsuccess = () => {
            const { result } = request;
            if (!result.objectStoreNames.contains('sessions')) return done(0);
            const all = result.transaction('sessions').objectStore('sessions').getAll();
            all.onsuccess = () => {
              result.close();
              done(
                Math.max(0, ...all.result.flatMap(({ at }: { at?: unknown }) => (typeof at === 'number' ? at : []))),
              );
            };
          };
        }),
    )
    .then(Number);

/** Until what is on screen is kept: something is, and it stays the same for longer than the page waits. */
export async function settled(page: Page) {
  await expect
    .poll(
      async () => {
        const before = await lastKept(page);
        await page.waitForTimeout(900);
        return before > 0 && before === (await lastKept(page));
      },
      { message: 'what is on screen is kept', intervals: [100] },
    )
    .toBe(true);
}
