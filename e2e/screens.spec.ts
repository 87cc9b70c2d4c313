import { violations } from './support/axe.ts'
import { expect, test } from './support/launch.ts'
import { App } from './support/pages.ts'

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme })
    test(`every screen is free of axe findings, in the ${colorScheme} theme`, async ({ app, host }) => {
      test.skip(
        host.kind !== 'serve' && colorScheme === 'light',
        'colours do not depend on the host; one theme runs on every host',
      )
      const ui = new App(app)
      const check = async (where: string): Promise<void> => {
        expect(await violations(app, '.xterm'), `${where}, ${colorScheme}`).toEqual([])
      }
      await expect(app.getByRole('button', { name: 'Run the demo' })).toBeVisible()
      await check('first screen')
      await ui.go('Inbox')
      await check('empty inbox')
      await ui.go('Open folder')
      await ui.startDemo()
      await expect(ui.card('Write to a protected path').root).toBeVisible()
      await check('session with a card')
      await ui.go('Inbox')
      await expect(ui.card('Write to a protected path').button('Deny')).toBeEnabled()
      await check('inbox with a critical card')
      await ui.card('Write to a protected path').press('Deny and tell')
      await check('deny and tell')
      await app.keyboard.press('Escape')
      await app.keyboard.press('Control+l')
      await expect(app.getByRole('dialog')).toBeVisible()
      await check('preset switcher')
      await app.keyboard.press('Escape')
      await app.keyboard.press('Control+k')
      await check('palette')
      await app.keyboard.press('Escape')
      await ui.openLive('retry-lab')
      await app.getByRole('button', { name: 'What can it do?' }).click()
      await expect(app.getByRole('dialog').getByRole('table')).toBeVisible()
      await check('what it can do')
      await app.keyboard.press('Escape')
      await ui.go('Inbox')
      await ui.card('Write to a protected path').press('Deny')
      await ui.choose(/check-advisories.*waits/, 'Reach a network host')
      await ui.card('Reach a network host').press('Allow in this workspace')
      const editor = app.getByRole('dialog', { name: 'Edit scope, then answer' })
      await expect(editor.getByText('no more tokens').first()).toBeVisible()
      await check('scope editor')
      await expect(editor.getByRole('button', { name: /^Save rule/ })).toBeEnabled()
      await app.keyboard.press('Control+Enter')
      await expect(editor).toBeHidden()
      await ui.go('Rules')
      await expect(app.getByRole('row', { name: /check-advisories/ })).toBeVisible()
      await app.getByRole('textbox', { name: /^Command, as/ }).fill('rm -rf build && make')
      await app.keyboard.press('Enter')
      await expect(app.getByRole('region', { name: 'Answer' })).toBeVisible()
      await check('rules and tester')
      await ui.go('Settings')
      await check('settings: permissions')
      await app.getByRole('tab', { name: 'App' }).click()
      await check('settings: app')
      await ui.go('Sessions')
      await check('sessions')
      const again = new App(await host.restart('kill'))
      await again.go('Sessions')
      await again.page
        .getByRole('row', { name: /retry-lab/ })
        .first()
        .click()
      await again.page.keyboard.press('Enter')
      await again.page.getByRole('tab', { name: /^Decisions/ }).click()
      await expect(again.page.getByText('not answered: the app stopped').first()).toBeVisible()
      expect(await violations(again.page), `past session, ${colorScheme}`).toEqual([])
    })
  })
}

test('at 200 % zoom and at 320 pixels nothing is lost sideways', async ({ app }) => {
  const ui = new App(app)
  await ui.startDemo()
  for (const width of [720, 320]) {
    await app.setViewportSize({ width, height: 700 })
    for (const page of ['Inbox', 'Sessions', 'Rules', 'Settings', 'Open folder'] as const) {
      await ui.go(page)
      const over = await app.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      expect(over, `${page} at ${width}`).toBeLessThanOrEqual(0)
    }
  }
})
