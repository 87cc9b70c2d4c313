import path from 'node:path'
import type { Page } from '@playwright/test'

/** Pictures of one state, by day and by night, wide and narrow, in the folder that GATEHOUSE_PICTURES names; else none. */
export async function photograph(page: Page, name: string): Promise<void> {
  const folder = process.env['GATEHOUSE_PICTURES']
  if (folder === undefined) return
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    for (const [width, height] of [
      [1440, 900],
      [1100, 760],
    ] as const) {
      await page.setViewportSize({ width, height })
      await page.screenshot({ path: path.join(folder, `${name}-${colorScheme}-${width}.png`) })
    }
  }
  await page.emulateMedia({ colorScheme: null })
}
