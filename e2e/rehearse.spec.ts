import { expect as quick, test } from './support/launch.ts'
import { App, type Card } from './support/pages.ts'
import { photograph } from './support/photograph.ts'

/** Each step starts sandboxes, which takes long where many tests run. */
const expect = quick.configure({ timeout: 150_000 })

const panel = (card: Card) => card.root.getByRole('region', { name: 'Rehearsal' })

test('a command that wants the network is rehearsed and the rehearsal discarded', async ({ app }) => {
  const ui = new App(app)
  test.setTimeout(600_000)
  const { keyboard } = app
  await ui.startDemo()
  await ui.go('Inbox')
  await expect(app.getByRole('row', { name: /pre-commit.*waits/ })).toBeVisible()
  const hook = await ui.choose(/pre-commit.*waits/, 'Write to a protected path')
  // Files that the agent edits itself are shown already; there is nothing to rehearse.
  await expect(hook.button('Rehearse')).toHaveCount(0)
  await hook.press('Deny')

  // A command that wants the network: what it asked for is named, and nothing can be applied.
  const reach = await ui.choose(/check-advisories.*waits/, 'Reach a network host')
  await expect(reach.button('Rehearse')).toBeEnabled()
  await keyboard.press('r')
  await expect(panel(reach).getByText(/^wanted .+; stopped$/)).toBeVisible()
  await expect(panel(reach).getByText(/Apply is not possible: It asked for the network/)).toBeVisible()
  await expect(panel(reach).getByRole('button', { name: 'Apply these changes' })).toHaveAttribute(
    'aria-disabled',
  )
  await expect(reach.slot('Changes')).toContainText('Rehearsed: no file changed')
  await photograph(app, 'rehearse-network')
  await panel(reach).getByRole('button', { name: 'Discard' }).focus()
  await keyboard.press('Enter')
  await expect(panel(reach)).toBeHidden()
  await expect(reach.button('Deny')).toBeEnabled()
  await reach.press('Deny')
})
