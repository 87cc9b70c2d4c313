import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'
import type { HostOptions } from './support/launch.ts'

const chromium =
  process.env['CHROMIUM_PATH'] ??
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) =>
    existsSync(file),
  )

// Scripted agents speak at a twentieth of reading speed.
process.env['GATEHOUSE_DEMO_PACE'] ??= '0.05'
// A model that says nothing is given up on soon.
process.env['GATEHOUSE_MODEL_WAIT_MS'] ??= '3000'

/** What only the simulated desktop can be made to do, such as crashing a page. */
const desktopOnly = '**/desktop/**'

/**
 * What depends on the shell around the page: its menu, keys and windows, terminals and requests over its bridge.
 * Everything else is the same host and the same page, which `serve` has shown already; twice would double the longest
 * step of `npm test`.
 */
const shellSpecs = ['main-job.spec.ts', 'keyboard.spec.ts', 'terminal.spec.ts', 'desktop/*.spec.ts'].map(
  (name) => `**/${name}`,
)

/** All specs on the simulated desktop as well: on request, and beside the real one. */
const everywhere = process.env['GATEHOUSE_E2E_ALL'] === '1' || process.env['ELECTRON_PATH'] !== undefined

/** The same specs for every host. The real Electron joins in when ELECTRON_PATH names a runtime. */
export default defineConfig<HostOptions>({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../out/e2e',
  // Only what never comes waits this long; a machine with other work to do needs it.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  // Two cores and real sandboxes: side by side, tests would measure each other.
  workers: 1,
  retries: 0,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 860 },
    colorScheme: 'dark',
    locale: 'en-GB',
    timezoneId: 'UTC',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(chromium === undefined ? {} : { executablePath: chromium }),
      // Chromium's own sandbox does not start as root. The page is ours.
      chromiumSandbox: false,
      args: ['--disable-dev-shm-usage'],
    },
  },
  projects: [
    { name: 'serve', use: { hostKind: 'serve' }, testIgnore: desktopOnly },
    {
      name: 'electron-sim',
      use: { hostKind: 'electron-sim' },
      ...(everywhere ? {} : { testMatch: shellSpecs }),
    },
    ...(process.env['ELECTRON_PATH'] === undefined
      ? []
      : [{ name: 'electron', use: { hostKind: 'electron' as const }, testIgnore: desktopOnly }]),
  ],
})
