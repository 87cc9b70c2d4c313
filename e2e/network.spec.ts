import { startModelServer } from '../main/testing/model-server.ts'
import { violations } from './support/axe.ts'
import { openAiCompatible, say, startHouse } from './support/house.ts'
import { expect, test } from './support/launch.ts'
import { App } from './support/pages.ts'

test.beforeEach(({ host }) => {
  test.skip(host.kind !== 'serve', 'what holds a connection does not depend on the window')
})

test('a host that no rule knows is asked, and a denial reaches the program with its word', async ({
  app,
  homes,
}) => {
  const ui = new App(app)
  const { page } = ui
  const server = await startModelServer('obeys')
  try {
    const model = { provider: openAiCompatible, address: `${server.url}/v1` }
    await startHouse(ui, homes.userHome, model, { preset: 'Auto' })
    await say(ui, 'run: echo before; curl -sS http://packages.invalid/list; echo "ended $?"')
    await expect(ui.conversation.getByText('before', { exact: true })).toBeVisible()
    await ui.go('Inbox')
    const card = await ui.choose(/reach packages\.invalid:80.*waits/, 'Reach a network host')
    await expect(card.root.getByText('the process waits')).toBeVisible()
    await expect(card.slot('Wants')).toContainText('reach packages.invalid:80 to GET /list')
    await expect(card.slot('Scope')).toContainText('nothing else of the network')
    await expect(card.slot('Origin')).toContainText('curl')
    await expect(card.button('Deny')).toBeEnabled()
    expect(await violations(page, '.xterm')).toEqual([])
    await page.keyboard.press('f')
    await page.keyboard.type('use the mirror')
    await page.keyboard.press('Enter')

    await ui.openLive('project')
    await expect(ui.conversation.getByText(/"word":"use the mirror"/)).toBeVisible()
    await expect(ui.conversation.getByText(/ended 0/)).toBeVisible()
    await expect(ui.timelineLine(/↳ reach packages\.invalid:80/)).toBeVisible()
    expect(await violations(page, '.xterm')).toEqual([])
  } finally {
    await server.close()
  }
})
