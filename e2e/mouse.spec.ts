import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from './support/launch.ts'
import { App } from './support/pages.ts'

test('the demo from first screen to end, with the mouse alone', async ({ app }) => {
  const ui = new App(app)
  const folder = await ui.startDemo()
  await ui.go('Inbox')
  // Allowing what runs later needs a typed word, so the mouse can only say no.
  await (await ui.choose(/pre-commit.*waits/, 'Write to a protected path')).press('Deny')
  await (await ui.choose(/check-advisories.*waits/, 'Reach a network host')).press('Allow once')
  await (await ui.choose(/retry-lab\.txt.*waits/, 'Write outside the workspace')).press('Allow once')
  await (await ui.choose(/git commit.*waits/, 'Write to a protected path')).press('Allow once')
  await ui.openLive('retry-lab')
  await expect(ui.conversation.getByText(/Done\. The change is in/)).toBeVisible()
  expect(existsSync(path.join(folder, '.git/hooks/pre-commit'))).toBe(false)
  await expect(ui.timelineLine(/↳ create \.git\/index\.lock.*you/)).toBeVisible()
})
