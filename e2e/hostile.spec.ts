import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from './support/launch.ts'
import { App } from './support/pages.ts'

/** Text that tries to be more than text. */
const nasty = "echo '\u202Ereversed\u200B' '<img src=x onerror=alert(1)>' '\u001B[31mred\u001B]0;title\u0007'"

test('hostile text is spelled out and interpreted nowhere', async ({ app, homes, problems }) => {
  test.setTimeout(240_000)
  let dialogs = 0
  app.on('dialog', (d) => {
    dialogs++
    void d.dismiss()
  })
  const ui = new App(app)
  const folder = await ui.startDemo()
  // File names and contents of the agent reach the diff.
  writeFileSync(
    path.join(folder, 'a\u202Eb\u200B<b>.txt'),
    `<script>alert(1)</script>\n\u001B[2J\u202Eabc\n${'x'.repeat(1_000_000)}\n`,
  )
  await expect(ui.diff.getByText(/U\+202E/).first()).toBeVisible()

  // A message of the person stands in the conversation as it is.
  await app.getByRole('textbox', { name: /^Message to/ }).fill(nasty)
  await app.keyboard.press('Enter')
  await expect(app.getByText(/U\+202E/).first()).toBeVisible()
  await expect(app.getByText(/U\+200B/).first()).toBeVisible()

  expect(await app.locator('img[src="x"], b, script:not([src])').count()).toBe(0)
  expect(dialogs).toBe(0)
  expect(await app.title()).not.toContain('title')
  expect(problems.unexpected).toEqual([])
  expect(homes.home).not.toBe('')
})
