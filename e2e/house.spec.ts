import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { startModelServer } from '../main/testing/model-server.ts'
import { root } from './support/host-process.ts'
import { expect, test } from './support/launch.ts'
import { App } from './support/pages.ts'

const mock = path.join(root, '../shared/mock-models/mock.mjs')

async function startHouse(
  ui: App,
  folder: string,
  provider: string,
  address: string,
  message: string,
): Promise<void> {
  const { page } = ui
  await ui.go('Open folder')
  await page.getByRole('textbox', { name: 'Path of the folder' }).fill(folder)
  await page.getByRole('button', { name: 'Look at this folder' }).click()
  await page.getByRole('radio', { name: 'House' }).check({ force: true })
  await page.getByRole('combobox', { name: /Provider/ }).selectOption({ label: provider })
  await page.getByRole('textbox', { name: /Address/ }).fill(address)
  await page.getByRole('textbox', { name: /^Model/ }).fill('mock-model')
  await page.getByRole('radio', { name: /^Read only/ }).check()
  await page.getByRole('textbox', { name: 'First message' }).fill(message)
  await expect(page.getByRole('region', { name: 'Sandbox check' }).getByText('blocked')).toHaveCount(3)
  await page.getByRole('button', { name: /^Start/ }).click()
  await expect(page.getByRole('region', { name: 'Timeline' })).toBeVisible()
}

for (const [provider, suffix] of [
  ['OpenAI-compatible', '/v1'],
  ['Anthropic', '/v1'],
  ['Google', '/v1beta'],
] as const) {
  test(`a command and an edit, each asked and allowed, over ${provider}`, async ({ app, homes }) => {
    test.skip(!existsSync(mock), 'the mock model server is not beside the repository')
    const port = 18_100 + Math.floor(Math.random() * 2000)
    const server: ChildProcess = spawn(process.execPath, [mock, '--port', String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise((resolve) => server.stdout?.once('data', resolve))
    try {
      const folder = path.join(homes.userHome, 'project')
      mkdirSync(folder)
      const ui = new App(app)
      await startHouse(ui, folder, provider, `http://127.0.0.1:${port}${suffix}`, 'do your two things')
      await ui.go('Inbox')
      const command = await ui.choose(/shell-proof.*waits/, 'Run a command')
      await command.press('Allow once')
      // Read only: the command runs inside, cannot write, and asks for exactly that file.
      const write = await ui.choose(/shell-proof.*waits/, 'Write outside the workspace').catch(() => null)
      if (write) await write.press('Allow once')
      const edit = await ui.choose(/edited\.txt.*waits/, 'Edit files')
      await edit.press('Allow once')
      await ui.openLive('project')
      await expect(ui.conversation.getByText(/All done: one command and one edit/)).toBeVisible()
      expect(readFileSync(path.join(folder, 'edited.txt'), 'utf8')).toContain('line one from the agent')
    } finally {
      server.kill('SIGKILL')
    }
  })
}

/** Behaviour of the server, and what the screen must say of it. */
const broken = [
  ['401', /key/i],
  ['429', /too many|limit|busy|later/i],
  ['500', /server/i],
  ['malformed-sse', /could not be read|understood|format|broke/i],
  ['endless', /long|limit|end/i],
  ['silent', /answer|said nothing|no word/i],
] as const

test('a broken model server is one clear state each, and the session goes on', async ({ app, homes }) => {
  test.setTimeout(400_000)
  const ui = new App(app)
  const folder = path.join(homes.userHome, 'project')
  mkdirSync(folder)
  for (const [behaviour, words] of broken) {
    const server = await startModelServer(behaviour)
    await startHouse(ui, folder, 'OpenAI-compatible', `${server.url}/v1`, 'hello')
    const end = ui.conversation.getByText(/The turn could not go on/).first()
    await expect(end, behaviour).toBeVisible({ timeout: 90_000 })
    await expect(end, behaviour).toContainText(words)
    await server.close()
    // The next message starts a turn of its own, which says that now nobody answers there.
    await app.getByRole('textbox', { name: /^Message to/ }).fill('again')
    await app.keyboard.press('Enter')
    await expect(ui.conversation.getByText(/The turn could not go on/), behaviour).toHaveCount(2, {
      timeout: 90_000,
    })
    await app.getByRole('button', { name: 'End session' }).click()
    await app.getByRole('button', { name: 'End it now' }).click()
    await expect(ui.rail.getByText('None.')).toBeVisible()
  }
})

test('an answer can be stopped in the middle, and the next message works', async ({ app, homes }) => {
  test.skip(!existsSync(mock), 'the mock model server is not beside the repository')
  const port = 20_100 + Math.floor(Math.random() * 2000)
  const server = spawn(process.execPath, [mock, '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, MOCK_PACE_MS: '700', MOCK_SCENARIO: 'final' },
  })
  await new Promise((resolve) => server.stdout.once('data', resolve))
  try {
    const ui = new App(app)
    const folder = path.join(homes.userHome, 'project')
    mkdirSync(folder)
    await startHouse(ui, folder, 'OpenAI-compatible', `http://127.0.0.1:${port}/v1`, 'talk to me')
    await expect(ui.conversation.getByText(/All done/)).toBeVisible()
    await app.getByRole('button', { name: 'Stop turn' }).click()
    await expect(ui.conversation.getByText('Stopped by you')).toBeVisible()
    await app.getByRole('textbox', { name: /^Message to/ }).fill('go on')
    await app.keyboard.press('Enter')
    await expect(ui.conversation.getByText(/one command and one edit/)).toBeVisible()
  } finally {
    server.kill('SIGKILL')
  }
})
