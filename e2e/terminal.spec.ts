import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from './support/launch.ts'
import { App } from './support/pages.ts'

test('any program in a terminal, wholly inside the sandbox', async ({ app, homes }) => {
  const folder = path.join(homes.userHome, 'project')
  mkdirSync(folder)
  const ui = new App(app)
  await app.getByRole('textbox', { name: 'Path of the folder' }).fill(folder)
  await app.getByRole('button', { name: 'Look at this folder' }).click()
  await app.getByRole('radio', { name: 'Terminal' }).check({ force: true })
  await app.getByRole('textbox', { name: /Command line/ }).fill('bash --norc')
  await app.getByRole('radio', { name: /^Auto/ }).check()
  await expect(
    app.getByRole('region', { name: 'Sandbox check' }).getByText(/^All \d+ attempts were stopped/),
  ).toBeVisible()
  await app.getByRole('button', { name: /^Start/ }).click()

  const screen = app.locator('.xterm-rows')
  await expect(screen).toContainText(/bash-.*[$#]/)
  await app.getByRole('textbox', { name: /^Keys for/ }).focus()
  await app.keyboard.type('echo sum=$((40+2)); touch made-inside; touch ../outside\n')
  await expect(screen).toContainText('sum=42')
  // What the program may not do is a question while it waits.
  await ui.card('Write outside the workspace').press('Deny')
  await expect(screen).toContainText('Permission denied')
  await expect(ui.diff.getByRole('heading', { name: 'made-inside' })).toBeVisible()
  await app.getByRole('textbox', { name: /^Keys for/ }).focus()
  await app.keyboard.type('exit\n')
  await expect(ui.rail.getByText('None.')).toBeVisible()
})
