import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { startModelServer } from '../main/testing/model-server.ts'
import { openAiCompatible, say, startHouse } from './support/house.ts'
import { expect, test } from './support/launch.ts'
import { App } from './support/pages.ts'

/** An administrator allows modes. In force within a second, also for sessions that run. */
function permit(userHome: string, modes: readonly string[]): void {
  const folder = path.join(userHome, 'requirements')
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    path.join(folder, 'requirements.toml'),
    `# acme baseline\nallowed_sandbox_modes = ${JSON.stringify(modes)}\n`,
  )
}

test('a managed requirement locks a preset, says why, and narrows what runs', async ({ app, homes }) => {
  permit(homes.userHome, ['read-only', 'workspace-write'])
  const ui = new App(app)
  await ui.startDemo()

  await app.keyboard.press('Control+l')
  const dialog = app.getByRole('dialog')
  const full = dialog.getByRole('radio', { name: /Full access/ })
  await expect(full).toHaveAttribute('aria-disabled', 'true')
  await expect(dialog.getByText(/requirements\.toml/).first()).toBeVisible()
  await full.click({ force: true })
  await expect(full).not.toBeChecked()
  await app.keyboard.press('Escape')

  // The administrator takes Auto away while the demo runs.
  permit(homes.userHome, ['read-only'])
  await expect(app.getByRole('banner').getByRole('button', { name: /Read only|read-only/ })).toBeVisible()
  await ui.openLive('retry-lab')
  await expect(ui.conversation.getByText(/allowed is read-only/).first()).toBeVisible()

  await ui.go('Settings')
  await expect(app.getByText(/requirements\.toml/).first()).toBeVisible()
})

test('a rule from a card: back-tested, narrowed by one key, named when it answers', async ({
  app,
  homes,
  home,
}) => {
  const server = await startModelServer('obeys')
  try {
    const ui = new App(app)
    const model = { provider: openAiCompatible, address: `${server.url}/v1` }
    const folder = await startHouse(ui, homes.userHome, model, {
      preset: 'Read only',
      message: 'run: ./deploy push hotfix',
    })
    writeFileSync(path.join(folder, 'deploy'), '#!/bin/sh\necho "deployed $2"\n')
    chmodSync(path.join(folder, 'deploy'), 0o755)

    // A denial that the back-test will find.
    await ui.go('Inbox')
    const first = await ui.choose(/deploy push hotfix.*waits/, 'Run a command')
    await first.press('Deny and tell')
    const reason = first.root.getByRole('textbox', { name: /tell|reason|why/i })
    await reason.fill('use a pull request')
    await reason.press('Enter')

    // The next one becomes a rule: any branch, but not the one that was denied.
    await ui.openLive('project')
    await say(ui, 'run: ./deploy push fix/one')
    await ui.go('Inbox')
    const second = await ui.choose(/deploy push fix\/one.*waits/, 'Run a command')
    await second.press('Allow in this workspace')
    const editor = app.getByRole('dialog')
    await expect(editor.getByText('./deploy push fix/one').first()).toBeVisible()
    await editor
      .getByRole('button', { name: /fix\/one/ })
      .first()
      .click()
    await editor
      .getByRole('radio', { name: /anything/i })
      .first()
      .check({ force: true })
    await expect(editor.getByText(/use a pull request/)).toBeVisible()
    await editor.getByRole('button', { name: /Exclude the (1 )?denied/i }).click()
    await expect(editor.getByText('hotfix').first()).toBeVisible()
    await editor.getByRole('button', { name: /Save rule and allow this one/ }).click()
    await expect(editor).toBeHidden()

    // An equal question runs without being asked, and names the rule.
    await ui.openLive('project')
    await expect(ui.conversation.getByText('“Done.”').nth(1)).toBeVisible()
    await say(ui, 'run: ./deploy push fix/two')
    await expect(ui.timelineLine(/deploy push fix\/two.*rule/)).toBeVisible()
    expect(readFileSync(path.join(home, 'rules/gatehouse.toml'), 'utf8')).toContain('"hotfix"')

    // The tester says what then happens: excluded is asked, the rest runs.
    await ui.go('Rules')
    const tester = app.getByRole('region', { name: /Would this be allowed/i })
    await tester.getByRole('combobox', { name: 'In' }).selectOption({ label: 'project' })
    await tester.getByRole('combobox', { name: /Preset/i }).selectOption({ label: 'Read only' })
    const command = tester.getByRole('textbox', { name: /Command/i })
    await command.fill('./deploy push fix/three')
    await command.press('Enter')
    await expect(tester.getByText(/^Runs/i).first()).toBeVisible()
    await command.fill('./deploy push hotfix')
    await command.press('Enter')
    await expect(tester.getByText(/^Asks you/i).first()).toBeVisible()

    await ui.openLive('project')
    await say(ui, 'run: ./deploy push fix/three')
    await expect(ui.timelineLine(/deploy push fix\/three.*rule/)).toBeVisible()
    await say(ui, 'run: ./deploy push hotfix')
    await ui.go('Inbox')
    await ui.choose(/deploy push hotfix.*waits/, 'Run a command')
  } finally {
    await server.close()
  }
})
