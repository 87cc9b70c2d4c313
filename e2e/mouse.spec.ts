import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from './support/launch.ts'
import { App } from './support/pages.ts'
import { photograph } from './support/photograph.ts'

test('the demo from first screen to end, with the mouse alone', async ({ app }) => {
  const ui = new App(app)
  const folder = await ui.startDemo()
  await ui.go('Inbox')
  // Allowing what runs later needs a typed word, so the mouse can only say no.
  const hook = await ui.choose(/pre-commit.*waits/, 'Write to a protected path')
  // Files that the agent edits itself are shown already; there is nothing to rehearse.
  await expect(hook.button('Rehearse')).toHaveCount(0)
  await hook.press('Deny')

  // A command that wants the network, rehearsed: what it asked for is named, and nothing can be applied.
  const reach = await ui.choose(/check-advisories.*waits/, 'Reach a network host')
  await reach.press('Rehearse')
  await expect(reach.rehearsal.getByText(/^wanted .+; stopped$/)).toBeVisible()
  await expect(reach.rehearsal.getByText(/Apply is not possible: It asked for the network/)).toBeVisible()
  const apply = reach.rehearsal.getByRole('button', { name: 'Apply these changes' })
  await expect(apply).toHaveAttribute('aria-disabled')
  await expect(reach.slot('Changes')).toContainText('Rehearsed: no file changed')
  await photograph(app, 'rehearse-network')
  await reach.rehearsal.getByRole('button', { name: 'Discard' }).click()
  await expect(reach.rehearsal).toBeHidden()
  await reach.press('Allow once')

  await (await ui.choose(/retry-lab\.txt.*waits/, 'Write outside the workspace')).press('Allow once')
  await (await ui.choose(/git commit.*waits/, 'Write to a protected path')).press('Allow once')
  await ui.openLive('retry-lab')
  await expect(ui.conversation.getByText(/Done\. The change is in/)).toBeVisible()
  expect(existsSync(path.join(folder, '.git/hooks/pre-commit'))).toBe(false)
  await expect(ui.timelineLine(/↳ create \.git\/index\.lock.*you/)).toBeVisible()
})
