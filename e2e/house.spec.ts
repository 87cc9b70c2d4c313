import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { type Behaviour, startModelServer } from '../main/testing/model-server.ts'
import { root } from './support/host-process.ts'
import { openAiCompatible, say, startHouse } from './support/house.ts'
import { expect, test } from './support/launch.ts'
import { App } from './support/pages.ts'

const mock = path.join(root, '../shared/mock-models/mock.mjs')

/** The three APIs: the provider's name on screen, and where its addresses end. */
const shapes = [
  [openAiCompatible, '/v1'],
  ['Anthropic', '/v1'],
  ['Google', '/v1beta'],
] as const

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port')
  return address.port
}

/** Starts the mock of a real provider. Answers its address, without the path of an API. */
async function startMock(env: NodeJS.ProcessEnv = {}): Promise<{ url: string; end(): void }> {
  const port = await freePort()
  const server = spawn(process.execPath, [mock, '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  await new Promise((resolve) => server.stdout.once('data', resolve))
  return { url: `http://127.0.0.1:${port}`, end: () => void server.kill('SIGKILL') }
}

for (const [provider, suffix] of shapes) {
  test(`a command and an edit, each asked and allowed, over ${provider}`, async ({ app, homes, host }) => {
    test.skip(!existsSync(mock), 'the mock model server is not beside the repository')
    test.skip(
      host.kind !== 'serve' && provider !== openAiCompatible,
      'what is on screen does not depend on the API; one of them runs on every host',
    )
    const server = await startMock()
    try {
      const ui = new App(app)
      const model = { provider, address: server.url + suffix }
      const folder = await startHouse(ui, homes.userHome, model, {
        preset: 'Read only',
        message: 'do your two things',
      })
      const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8')
      await ui.go('Inbox')

      const command = await ui.choose(/shell-proof.*waits/, 'Run a command')
      await expect(command.slot('Wants')).toContainText('echo hello-from-agent > shell-proof.txt')
      await command.press('Allow once')
      const requests = app.getByRole('grid', { name: 'Requests' })
      await expect(requests.getByRole('row', { name: /shell-proof.*allowed once/i })).toBeVisible()

      // Read only: it runs inside, trips over the write, and asks for exactly that file.
      const write = await ui.choose(/shell-proof.*waits/, 'Write in the workspace')
      await expect(write.slot('Wants')).toContainText('shell-proof.txt')
      expect(existsSync(path.join(folder, 'shell-proof.txt'))).toBe(false)
      await write.press('Allow once')

      const edit = await ui.choose(/edited\.txt.*waits/, 'Edit files')
      expect(read('shell-proof.txt')).toBe('hello-from-agent\n')
      expect(existsSync(path.join(folder, 'edited.txt'))).toBe(false)
      await edit.press('Allow once')

      await ui.openLive('project')
      await expect(ui.conversation.getByText('“All done: one command and one edit.”')).toBeVisible()
      expect(read('edited.txt')).toBe('line one from the agent\nline two\n')
      await expect(ui.timelineLine(/add edited\.txt.*\+2 −0/)).toBeVisible()
    } finally {
      server.end()
    }
  })
}

/** How a server is broken, and what the screen must say of it. */
const broken: readonly (readonly [Behaviour, RegExp])[] = [
  ['401', /does not accept the key \(401.*Store a valid key/],
  ['429', /takes no more requests now \(429\)\. Send the message again in 1 s/],
  ['500', /has a problem of its own \(500\)\. Send the message again later/],
  ['malformed-sse', /sent something that is not this provider's protocol/],
  ['endless', /The answer did not end; it was stopped after/],
  ['silent', /accepted the connection but sent nothing for 3 s/],
]

for (const [provider, suffix] of shapes) {
  test(`a broken server is one clear state, and the next message works, over ${provider}`, async ({
    app,
    homes,
    host,
  }) => {
    test.skip(
      host.kind !== 'serve' && provider !== openAiCompatible,
      'what is on screen does not depend on the API; one of them runs on every host',
    )
    const ui = new App(app)
    const server = await startModelServer('fine')
    try {
      await startHouse(
        ui,
        homes.userHome,
        { provider, address: server.url + suffix },
        { preset: 'Read only', message: 'hello' },
      )
      const lastAct = app.getByRole('listbox', { name: 'Timeline' }).getByRole('option').last()
      const stop = app.getByRole('button', { name: 'Stop turn' })
      await expect(ui.conversation).toContainText('“Hello from the model.”')

      for (const [behaviour, words] of broken) {
        server.become(behaviour)
        await say(ui, `try ${behaviour}`)
        await expect(ui.conversation.getByText(words), behaviour).toBeVisible()
        await expect(lastAct, behaviour).toContainText('The turn could not go on')
        await expect(stop, behaviour).toBeDisabled()
        const [, since = ''] = (await ui.conversation.innerText()).split(`try ${behaviour}`)
        expect(since.match(/The turn ended early/g) ?? [], behaviour).toHaveLength(1)

        // The server refuses conversations that no real one would take: a history left spoilt would show here.
        server.become('fine')
        await say(ui, `after ${behaviour}`)
        const answered = new RegExp(`after ${behaviour}[^]*“Hello from the model\\.”`)
        await expect(ui.conversation, behaviour).toContainText(answered)
        await expect(stop, behaviour).toBeDisabled()
        await expect(lastAct, behaviour).not.toContainText('The turn could not go on')
      }
    } finally {
      await server.close()
    }
  })
}

test('an answer can be stopped in the middle, and the next message works', async ({ app, homes }) => {
  test.skip(!existsSync(mock), 'the mock model server is not beside the repository')
  const server = await startMock({ MOCK_PACE_MS: '700', MOCK_SCENARIO: 'final' })
  try {
    const ui = new App(app)
    const model = { provider: openAiCompatible, address: `${server.url}/v1` }
    await startHouse(ui, homes.userHome, model, { preset: 'Read only', message: 'talk to me' })
    await expect(ui.conversation.getByText(/All done/)).toBeVisible()
    await app.getByRole('button', { name: 'Stop turn' }).click()
    await expect(ui.conversation.getByText('Stopped by you')).toBeVisible()
    await expect(ui.conversation.getByText(/one command and one edit/)).toHaveCount(0)
    await say(ui, 'go on')
    await expect(ui.conversation.getByText(/one command and one edit/)).toBeVisible()
  } finally {
    server.end()
  }
})
