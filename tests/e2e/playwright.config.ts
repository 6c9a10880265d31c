// Browser tests against the built page, in the system's Chromium. Each worker serves www/dist itself
// (site.ts), so no port is fixed.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  // The test of Firefox is node's own: loaded here it would run beside these.
  testMatch: '*.spec.ts',
  outputDir: '../../.cache/e2e',
  preserveOutput: 'failures-only',
  reporter: 'list',
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  use: {
    // A trace is a quarter of a test's work; of a test that fails, `--trace on` makes one.
    trace: 'off',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--enable-unsafe-webgpu',
        '--no-sandbox',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'desktop', use: { viewport: { width: 1280, height: 800 } } },
    // What differs on a phone; the rest would only repeat itself.
    { name: 'phone', use: { viewport: { width: 390, height: 844 }, hasTouch: true }, grep: /@phone/ },
  ],
});
