/** A browser without a GPU for pages, and one without WebGPU: the GPU can be chosen all the same. */
import config from './playwright.config.ts';
import { runDigits, runWorker } from './running.ts';
import { expect, test } from './site.ts';

const { launchOptions } = config.use!;
// Without the flag Chromium on Linux has the interface and gives no adapter.
test.use({ launchOptions: { ...launchOptions, args: launchOptions!.args!.filter((arg) => !/webgpu/i.test(arg)) } });

for (const [missing, why] of [
  ['adapter', 'this browser offers no GPU to pages'],
  ['interface', 'this browser has no WebGPU'],
] as const) {
  test(`without the ${missing} the CPU runs what was asked of the GPU, and the page says why`, async ({
    page,
    site: _,
  }) => {
    await runDigits(page);
    if (missing === 'interface')
      await (await runWorker(page)).evaluate(() => delete (self as any).WorkerNavigator.prototype.gpu);
    const loaded: string[] = [];
    page.on('request', (request) => loaded.push(request.url()));
    await page.getByTestId('engine-gpu').click();
    await expect(page.getByTestId('device-none')).toContainText(new RegExp(`${why}.*Runs take the CPU instead`, 'i'));
    await page.getByTestId('run').click();
    await expect(page.getByTestId('run-fallback')).toHaveText(`Run on the CPU instead of the GPU: ${why}.`, {
      timeout: 30_000,
    });
    await expect(page.getByTestId('run-engine')).toContainText('CPU: ');
    await expect(page.getByTestId('run-accuracy')).toHaveText('99.4\u00a0%');
    // Nothing of the GPU's is downloaded.
    expect(loaded).toEqual([]);
  });
}
