import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { startModelServer } from '../main/testing/model-server.ts'
import { violations } from './support/axe.ts'
import { openAiCompatible, say, startHouse } from './support/house.ts'
import { expect as quick, test } from './support/launch.ts'
import { App } from './support/pages.ts'
import { photograph } from './support/photograph.ts'

/** Each step starts sandboxes, which takes long where many tests run. */
const expect = quick.configure({ timeout: 150_000 })

test('real changes are shown, discarded, rehearsed again and applied; the record keeps all of it', async ({
  app,
  host,
  homes,
}) => {
  test.setTimeout(600_000)
  const { keyboard } = app
  const ui = new App(app)
  const server = await startModelServer('obeys')
  const model = { provider: openAiCompatible, address: `${server.url}/v1` }
  try {
    const folder = await startHouse(ui, homes.userHome, model, { preset: 'Auto' })
    const at = (name: string): string => path.join(folder, name)
    mkdirSync(at('build'))
    writeFileSync(at('build/old.js'), 'old\n')
    writeFileSync(at('notes.txt'), 'one\n')
    const untouched = (): void => {
      expect(readFileSync(at('notes.txt'), 'utf8')).toBe('one\n')
      expect(existsSync(at('build/old.js'))).toBe(true)
      expect(existsSync(at('.envrc'))).toBe(false)
    }

    await say(ui, 'run: rm -rf build && echo two >> notes.txt && echo export A=1 > .envrc')
    await ui.go('Inbox')
    const card = await ui.choose(/rm -rf build.*waits/, 'Run a command')
    await expect(card.button('Rehearse')).toBeEnabled()
    await keyboard.press('r')
    const changes = card.rehearsal.getByRole('list', { name: 'Rehearsed changes, 2 deletions first' })
    await expect(changes.getByRole('listitem')).toHaveCount(4)
    await expect(changes.getByRole('listitem').first()).toContainText(/^deletedbuild/)
    await expect(changes.getByText(/runs later: .*direnv acts on it/)).toBeVisible()
    await changes.locator('summary').filter({ hasText: 'notes.txt' }).press('Enter')
    await expect(changes.getByText('+two')).toBeVisible()
    await expect(card.slot('Changes')).toContainText('Rehearsed: 1 added, 1 changed, 2 deleted')
    untouched()
    expect(await violations(app)).toEqual([])
    await photograph(app, 'rehearse-changes')

    await card.rehearsal.getByRole('button', { name: 'Discard' }).press('Enter')
    await expect(card.rehearsal).toBeHidden()
    untouched()

    await expect(card.button('Rehearse')).toBeEnabled()
    await card.root.press('r')
    const apply = card.rehearsal.getByRole('button', { name: 'Apply these changes' })
    await expect(apply).not.toHaveAttribute('aria-disabled')
    await apply.press('Enter')
    await expect.poll(() => existsSync(at('build'))).toBe(false)
    await expect.poll(() => existsSync(at('.envrc'))).toBe(true)
    expect(readFileSync(at('notes.txt'), 'utf8')).toBe('one\ntwo\n')

    await ui.openLive('project')
    await expect(ui.conversation.getByText(/^The rehearsed changes were applied/)).toBeVisible()
    await expect(ui.diff.getByText(/^Runs later: .*direnv acts on it\.$/)).toBeVisible()
    expect(await violations(app)).toEqual([])
    await photograph(app, 'rehearse-applied')

    // One call that waits, and then all of it again from the disk.
    const outside = path.join(homes.userHome, 'outside.txt')
    await say(ui, `run: echo x > ${outside}`)
    await ui.go('Inbox')
    await (await ui.choose(/outside\.txt.*waits/, 'Write outside the workspace')).press('Allow once')
    await expect.poll(() => existsSync(outside)).toBe(true)
    await ui.openLive('project')
    await expect(ui.conversation.getByText('1 file call waited: 1 granted')).toBeVisible()
    const past = new App(await host.restart('quit'))
    await past.go('Sessions')
    await past.page
      .getByRole('row', { name: /project/ })
      .first()
      .click()
    await past.page.keyboard.press('Enter')
    await expect(past.timelineLine(/↳ create .*outside\.txt/)).toBeVisible()
    await expect(
      past.timelineLine('Rehearsed on a throwaway copy: 1 added, 1 changed, 2 deleted'),
    ).toHaveCount(2)
    await expect(past.timelineLine(/^.*The rehearsed changes were applied/)).toBeVisible()
    await expect(past.conversation.getByText('1 file call waited: 1 granted')).toBeVisible()
    await past.page.getByRole('tab', { name: /^Decisions/ }).click()
    const decisions = past.page.getByRole('tabpanel', { name: /^Decisions/ })
    await decisions
      .getByText(/rm -rf build/)
      .first()
      .click()
    await expect(past.page.getByRole('region', { name: 'Receipt' })).toContainText('rm -rf build')
    await photograph(past.page, 'rehearse-past')
  } finally {
    await server.close()
  }
})
