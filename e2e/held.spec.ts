import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { startModelServer } from '../main/testing/model-server.ts'
import { violations } from './support/axe.ts'
import { openAiCompatible, say, startHouse } from './support/house.ts'
import { expect, test } from './support/launch.ts'
import { App } from './support/pages.ts'
import { photograph } from './support/photograph.ts'

test.beforeEach(({ host }) => {
  test.skip(host.kind !== 'serve', 'what holds a call does not depend on the window')
})

type Stage = { readonly ui: App; readonly folder: string; readonly outside: string }

test('what a command is held at, and what each answer does', async ({ app, homes }) => {
  test.slow()
  const ui = new App(app)
  const server = await startModelServer('obeys')
  try {
    const model = { provider: openAiCompatible, address: `${server.url}/v1` }
    const folder = await startHouse(ui, homes.userHome, model, { preset: 'Auto' })
    const outside = path.join(homes.userHome, 'reports')
    mkdirSync(outside)
    const stage = { ui, folder, outside }
    await test.step('a write outside waits in its process, which goes on with the answer', () =>
      goesOn(stage))
    await test.step('denied, it is an ordinary error with the reason', () => fails(stage))
    await test.step('a folder is opened once for all that a command writes there', () => opensFolder(stage))
    await test.step('git commit is one question, and with git metadata for the session none', () =>
      commits(stage))
  } finally {
    await server.close()
  }
})

async function goesOn({ ui, outside }: Stage): Promise<void> {
  const { page } = ui
  await say(ui, `run: echo "before $$"; echo "pid $$" > ${outside}/a.txt; echo "after $$ $?"`)
  await expect(ui.conversation.getByText(/before \d+/)).toBeVisible()
  await ui.go('Inbox')
  const card = await ui.choose(/reports\/a\.txt.*waits/, 'Write outside the workspace')
  await expect(card.root.getByText('the process waits')).toBeVisible()
  await expect(card.slot('Wants')).toContainText(`create ${outside}/a.txt`)
  await expect(card.slot('Changes')).toContainText('the file is new')
  await expect(card.slot('Origin')).toContainText('bash')
  expect(existsSync(path.join(outside, 'a.txt'))).toBe(false)
  await expect(card.button('Deny')).toBeEnabled()
  expect(await violations(page, '.xterm')).toEqual([])
  await photograph(page, 'held-card')
  await page.keyboard.press('a')
  await expect.poll(() => existsSync(path.join(outside, 'a.txt'))).toBe(true)

  await ui.openLive('project')
  await expect(ui.conversation.getByText(/after \d+ 0/)).toBeVisible()
  const said = await ui.conversation.innerText()
  const before = /before (\d+)/.exec(said)?.[1]
  expect(/after (\d+) 0/.exec(said)?.[1]).toBe(before)
  expect(readFileSync(path.join(outside, 'a.txt'), 'utf8')).toBe(`pid ${before}\n`)
  await expect(ui.conversation.getByText('1 file call waited: 1 granted')).toBeVisible()
  await expect(ui.timelineLine(/↳ create .*a\.txt/)).toBeVisible()
  expect(await violations(page, '.xterm')).toEqual([])
  await photograph(page, 'held-session')
}

async function fails({ ui, outside }: Stage): Promise<void> {
  const { keyboard } = ui.page
  await say(ui, `run: echo x > ${outside}/no.txt; echo "ended $?"`)
  await ui.go('Inbox')
  const card = await ui.choose(/reports\/no\.txt.*waits/, 'Write outside the workspace')
  await expect(card.button('Deny')).toBeEnabled()
  await keyboard.press('f')
  await keyboard.type('keep it here')
  await keyboard.press('Enter')
  await ui.openLive('project')
  await expect(ui.conversation.getByText(/no\.txt: Permission denied/)).toBeVisible()
  await expect(ui.conversation.getByText(/ended 1/)).toBeVisible()
  expect(existsSync(path.join(outside, 'no.txt'))).toBe(false)
}

async function opensFolder({ ui, outside }: Stage): Promise<void> {
  await say(ui, `run: for i in 1 2 3; do echo $i > ${outside}/n$i; done; echo "all $?"`)
  const card = ui.card('Write outside the workspace')
  await expect(card.root).toBeVisible()
  await photograph(ui.page, 'held-inline')
  await ui.go('Inbox')
  await ui.choose(/reports\/n1.*waits/, 'Write outside the workspace')
  await expect(card.button('Deny')).toBeEnabled()
  await ui.page.keyboard.press('o')
  await expect.poll(() => existsSync(path.join(outside, 'n3'))).toBe(true)
  await ui.openLive('project')
  await expect(ui.conversation.getByText(/all 0/)).toBeVisible()
}

async function commits({ ui, folder }: Stage): Promise<void> {
  const { page } = ui
  const { keyboard } = page
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' })
  git('init', '-q', '-b', 'main')
  git('config', 'user.name', 'Dana')
  git('config', 'user.email', 'dana@example.invalid')
  const commit = 'echo $RANDOM > f && git add f && git commit -qm one && git gc -q'
  const asked = /git commit.*waits/

  await say(ui, `run: ${commit}; echo "first $?"`)
  await ui.go('Inbox')
  const once = await ui.choose(asked, 'Write to a protected path')
  await expect(once.button('Deny')).toBeEnabled()
  await photograph(page, 'held-git')
  await keyboard.press('a')
  await ui.openLive('project')
  await expect(ui.conversation.getByText(/first 0/)).toBeVisible()

  // Once was for that command: the next one asks again.
  await say(ui, `run: ${commit}; echo "second $?"`)
  await ui.go('Inbox')
  const session = await ui.choose(asked, 'Write to a protected path')
  await expect(session.button('Git metadata for this session')).toBeEnabled()
  await keyboard.press('g')
  await ui.openLive('project')
  await expect(ui.conversation.getByText(/second 0/)).toBeVisible()

  await say(ui, `run: ${commit}; git branch b && git rebase -q b; echo x > .git/hooks/h; echo "third $?"`)
  await ui.go('Inbox')
  const hook = await ui.choose(/hooks\/h.*waits/, 'Write to a protected path')
  await expect(hook.root.getByText('Critical', { exact: true })).toBeVisible()
  await expect(hook.button('Deny')).toBeEnabled()
  await keyboard.press('d')
  await ui.openLive('project')
  await expect(ui.conversation.getByText(/third 1/)).toBeVisible()
  expect(git('log', '--oneline').trim().split('\n')).toHaveLength(3)
  await page.getByRole('tab', { name: /^Decisions/ }).click()
  await page.getByText('allowed for this session').click()
  await expect(page.getByRole('region', { name: 'Receipt' })).toContainText('Git metadata')
}
