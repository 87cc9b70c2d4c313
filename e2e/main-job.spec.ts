import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from './support/launch.ts'
import { App } from './support/pages.ts'

test('the main job: open, run, deny with a reason, edit, approve, narrow, revert, reopen, review', async ({
  app,
  host,
}) => {
  const ui = new App(app)
  const folder = await ui.startDemo()
  const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8')

  // A change made by a shell command shows in the live diff.
  await expect(ui.diff.getByRole('heading', { name: 'CHANGELOG.md' })).toBeVisible()
  await expect(ui.timelineLine(/node --test sandbox · exit code 1/)).toBeVisible()

  // Denied with a reason, the agent takes another way.
  await ui.go('Inbox')
  const hook = ui.card('Write to a protected path')
  await expect(hook.root.getByText('Critical', { exact: true })).toBeVisible()
  await expect(hook.button('Allow once')).toBeDisabled()
  await hook.press('Deny and tell')
  const reason = hook.root.getByRole('textbox', { name: /tell|reason|why/i })
  await reason.fill('hooks run unseen; use a script')
  await reason.press('Enter')

  // Edited before it runs: the edited command runs, the original does not.
  const reach = await ui.choose(/check-advisories.*waits/, 'Reach a network host')
  expect(existsSync(path.join(folder, '.git/hooks/pre-commit'))).toBe(false)
  expect(read('package.json')).toContain('"check"')
  await reach.press('Edit')
  const line = reach.root.getByRole('textbox', { name: /command/i })
  const original = await line.inputValue()
  expect(original).toMatch(/^node tools\/check-advisories\.mjs http:\/\/localhost:\d+/)
  await line.fill('node tools/check-advisories.mjs vendor/advisories.json && touch edited-ran.txt')
  await reach.root.getByRole('button', { name: /Run this instead/ }).click()

  // Approved once: exactly the missing path.
  const outside = await ui.choose(/reports\/retry-lab.*waits/, 'Write outside the workspace')
  expect(existsSync(path.join(folder, 'edited-ran.txt'))).toBe(true)
  const report = path.join(folder, '../reports/retry-lab.txt')
  expect(existsSync(report)).toBe(false)
  await outside.press('Allow once')

  // Narrowed from the menu while a question waits: it is withdrawn, and nothing more is written.
  await ui.choose(/git commit.*waits/, 'Write to a protected path')
  expect(existsSync(report)).toBe(true)
  if (host.kind === 'serve') {
    await app.keyboard.press('Control+l')
    await app.getByRole('dialog').getByText('Read only', { exact: true }).first().click()
    await app
      .getByRole('dialog')
      .getByRole('button', { name: /^Switch/ })
      .click()
  } else {
    await host.menu(['Session', 'Read only'])
  }
  await expect(app.getByRole('banner').getByRole('button', { name: /Read only/ })).toBeVisible()
  await ui.openLive('retry-lab')
  await expect(ui.timelineLine(/↳ create \.git\/index\.lock.*not answered/)).toBeVisible()
  await expect(ui.conversation.getByText(/I leave the commit to you/)).toBeVisible()
  await expect(app.getByText('Written outside the workspace: none')).toBeHidden()

  // One hunk is put back on the disk.
  expect(read('CHANGELOG.md')).toContain('1.2.1')
  await ui.diff.getByRole('combobox', { name: 'Scope' }).selectOption({ label: 'This session' })
  await ui.diff.getByRole('button', { name: /^Revert hunk CHANGELOG\.md/ }).click()
  await expect.poll(() => read('CHANGELOG.md')).not.toContain('1.2.1')
  expect(read('src/backoff.mjs')).toContain('longest')

  // Closed, reopened, reviewed.
  await app.getByRole('button', { name: 'End session' }).click()
  await app.getByRole('button', { name: 'End it now' }).click()
  await expect(ui.rail.getByText('None.')).toBeVisible()
  const again = new App(await host.restart('quit'))
  await again.go('Sessions')
  const row = again.page.getByRole('row', { name: /retry-lab/ }).first()
  await row.click()
  await again.page.keyboard.press('Enter')
  await again.page.getByRole('tab', { name: /^Decisions/ }).click()
  const decisions = again.page.getByRole('tabpanel', { name: /^Decisions/ })
  await expect(decisions.getByText('hooks run unseen; use a script').first()).toBeVisible()
  await expect(decisions.getByText(/the preset was narrowed/).first()).toBeVisible()
  await decisions.getByText('edited before it ran').click()
  await expect(
    again.page
      .getByRole('region', { name: 'Receipt' })
      .getByText(/touch edited-ran\.txt/)
      .first(),
  ).toBeVisible()
})
