import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from './support/launch.ts'
import { App } from './support/pages.ts'

test('the demo from first screen to end, with the keyboard alone', async ({ app }) => {
  const ui = new App(app)
  const { keyboard } = app
  /** Tab until the wanted control has focus, as a person would. */
  const tabTo = async (name: RegExp): Promise<void> => {
    for (let presses = 0; presses < 60; presses++) {
      const label = await app.evaluate(() => {
        const at = document.activeElement
        return at?.getAttribute('aria-label') ?? at?.textContent ?? ''
      })
      if (name.test(label.trim())) return
      await keyboard.press('Tab')
    }
    throw new Error(`No control called ${name} can be reached with Tab.`)
  }

  await expect(app.getByRole('button', { name: 'Run the demo' })).toBeVisible()
  await tabTo(/^Run the demo/)
  await keyboard.press('Enter')
  await expect(
    app.getByRole('region', { name: 'Sandbox check' }).getByText(/^All \d+ attempts were stopped/),
  ).toBeVisible()
  const folder = (await app.getByRole('main').getByRole('heading', { level: 2 }).innerText()).trim()
  await keyboard.press('Control+Enter')
  await expect(app.getByRole('region', { name: 'Timeline' })).toBeVisible()

  // Typing into the message box answers nothing, even when a card stands open.
  await expect(ui.card('Write to a protected path').root).toBeVisible()
  await app.getByRole('textbox', { name: /^Message to/ }).focus()
  await keyboard.type('add a fad: DAD AFFX nnn')
  await expect(ui.card('Write to a protected path').button('Deny and tell')).toBeVisible()
  for (let i = 0; i < 40; i++) await keyboard.press('Backspace')

  // Answers from the list: deny with a word, allow twice, deny the last.
  await keyboard.press('Control+1')
  const answer = async (subject: RegExp, headline: string, keys: () => Promise<void>): Promise<void> => {
    const row = app.getByRole('grid', { name: 'Requests' }).getByRole('row', { name: subject })
    await expect(row).toBeVisible()
    await app.getByRole('grid', { name: 'Requests' }).focus()
    for (let i = 0; i < 6 && (await row.getAttribute('aria-selected')) !== 'true'; i++)
      await keyboard.press(i < 3 ? 'j' : 'k')
    await expect(row).toHaveAttribute('aria-selected', 'true')
    await expect(ui.card(headline).button('Deny')).toBeEnabled()
    await keys()
  }
  await answer(/pre-commit.*waits/, 'Write to a protected path', async () => {
    await keyboard.press('f')
    await keyboard.type('no hooks')
    await keyboard.press('Enter')
  })
  await answer(/check-advisories.*waits/, 'Reach a network host', () => keyboard.press('a'))
  await answer(/retry-lab\.txt.*waits/, 'Write outside the workspace', () => keyboard.press('a'))
  await answer(/git commit.*waits/, 'Write to a protected path', () => keyboard.press('d'))
  await ui.openLive('retry-lab')
  await expect(ui.conversation.getByText(/^“?Done\. The change is in/)).toBeVisible()
  expect(existsSync(path.join(folder, '.git/hooks/pre-commit'))).toBe(false)
  expect(existsSync(path.join(folder, '../reports/retry-lab.txt'))).toBe(true)
})
