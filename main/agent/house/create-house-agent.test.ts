import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { settingsOf } from '../../../protocol/settings.ts'
import { systemClock } from '../../platform/clock.ts'
import { FakeTurnPorts, ran } from '../../testing/fake-turn-ports.ts'
import { createHouseAgent } from './create-house-agent.ts'
import type { HouseSpec } from './models.ts'

// Kept beside the repository, since other agents are driven by it too.
const mock = resolve(import.meta.dirname, '../../../../shared/mock-models/mock.mjs')
const reason = 'needs ../shared/mock-models/mock.mjs'
const command = 'echo hello-from-agent > shell-proof.txt && cat shell-proof.txt'
const paths = { 'openai-compatible': '/v1', anthropic: '/v1', google: '/v1beta' } as const

let running: { kill(signal: 'SIGKILL'): unknown } | null = null
afterEach(() => {
  running?.kill('SIGKILL')
  running = null
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function agentOnMock(provider: HouseSpec['provider'], env: Record<string, string> = {}) {
  const port = await freePort()
  const child = spawn(process.execPath, [mock, '--port', String(port)], { env: { ...process.env, ...env } })
  running = child
  await new Promise<void>((done, fail) => {
    child.stdout.once('data', () => done())
    child.once('exit', () => fail(new Error('the mock server did not start')))
  })
  return createHouseAgent({
    spec: {
      kind: 'house',
      provider,
      baseUrl: `http://127.0.0.1:${port}${paths[provider]}`,
      model: 'mock-model',
      contextTokens: 32_000,
    },
    apiKey: provider === 'openai-compatible' ? null : 'test-key-0123456789',
    settings: () => settingsOf('auto'),
    clock: systemClock,
  })
}

const worker = () => new FakeTurnPorts({ command: ran('hello-from-agent\n'), edit: ran() })
const messages = (ports: FakeTurnPorts) => ports.said.map((line) => [line.voice, line.text, line.ended])

describe.skipIf(!existsSync(mock)).each(Object.keys(paths) as HouseSpec['provider'][])(
  `%s on the mock server (${reason})`,
  (provider) => {
    test('runs a command, edits a file and says so, streamed', async () => {
      const agent = await agentOnMock(provider)
      const ports = worker()
      const pieces: string[] = []
      ports.onText = (text) => pieces.push(text)

      expect(await agent.runTurn('Prove that you can work here.', ports)).toEqual({ reason: 'done' })

      expect(ports.proposals).toEqual([
        {
          kind: 'command',
          argv: null,
          script: command,
          cwd: null,
          escalation: null,
          timeoutMs: 600_000,
          yieldMs: 10_000,
          says: 'I will run one command.',
        },
        {
          kind: 'edit',
          edits: [{ path: 'edited.txt', content: 'line one from the agent\nline two\n' }],
          says: 'Now I will edit one file.',
        },
      ])
      expect(messages(ports)).toEqual([
        ['message', 'I will run one command.', true],
        ['message', 'Now I will edit one file.', true],
        ['message', 'All done: one command and one edit.', true],
      ])
      // The mock sends Google's text in one piece.
      expect(pieces.length).toBeGreaterThanOrEqual(provider === 'google' ? 3 : 6)
      expect(ports.used).toEqual(Array(3).fill({ inputTokens: 100, outputTokens: 20 }))
    })

    test('interrupted in the middle of an answer, it keeps what was said and the next turn works', async () => {
      const agent = await agentOnMock(provider, { MOCK_PACE_MS: '60' })
      const ports = worker()
      ports.onText = () => ports.interrupt()

      expect(await agent.runTurn('Begin.', ports)).toEqual({ reason: 'interrupted' })
      expect(ports.proposals).toEqual([])
      expect(ports.said).toMatchObject([{ voice: 'message', ended: true }])
      expect('I will run one command.').toContain(ports.said[0]?.text)

      ports.onText = () => {}
      ports.nextTurn()
      expect(await agent.runTurn('Go on.', ports)).toEqual({ reason: 'done' })
      expect(ports.proposals.map((proposal) => proposal.kind)).toEqual(['command', 'edit'])
    })

    test('interrupted while a command runs, it does not wait for the command', async () => {
      const agent = await agentOnMock(provider)
      const ports = new FakeTurnPorts({
        command: () => {
          ports.interrupt()
          return new Promise(() => {})
        },
        edit: ran(),
      })

      expect(await agent.runTurn('Begin.', ports)).toEqual({ reason: 'interrupted' })
      expect(ports.proposals).toHaveLength(1)

      const again = worker()
      expect(await agent.runTurn('Go on.', again)).toEqual({ reason: 'done' })
      expect(again.proposals).toHaveLength(2)
    })

    test('a denial with stop ends the turn, and nothing more is proposed', async () => {
      const agent = await agentOnMock(provider)
      const ports = new FakeTurnPorts({
        command: { status: 'refused', by: 'user', note: 'Not here.', stop: true },
      })

      expect(await agent.runTurn('Begin.', ports)).toEqual({ reason: 'interrupted' })
      expect(ports.proposals).toHaveLength(1)
      expect(await agent.runTurn('Go on.', worker())).toEqual({ reason: 'done' })
    })

    test('a plain denial is told to the model, which goes on', async () => {
      const agent = await agentOnMock(provider)
      const ports = new FakeTurnPorts({
        command: { status: 'refused', by: 'user', note: 'Not here.', stop: false },
        edit: ran(),
      })

      expect(await agent.runTurn('Begin.', ports)).toEqual({ reason: 'done' })
      expect(ports.proposals).toHaveLength(2)
    })
  },
)

test('a port that throws ends the turn, not the process', async () => {
  const agent = createHouseAgent({
    spec: {
      kind: 'house',
      provider: 'google',
      baseUrl: 'http://127.0.0.1:9',
      model: 'm',
      contextTokens: 8000,
    },
    apiKey: 'key-0123456789',
    clock: systemClock,
    fetch: async () => new Response('', { status: 500 }),
  })
  const ports = new FakeTurnPorts()
  ports.notice = () => Promise.reject(new Error('The log cannot be written: key-0123456789'))

  expect(await agent.runTurn('Begin.', ports)).toEqual({
    reason: 'failed',
    detail: 'The turn could not go on: The log cannot be written: [key]',
  })
})

test('a disposed agent stops its turn and takes no other', async () => {
  let asked = () => {}
  const request = new Promise<void>((done) => {
    asked = done
  })
  const agent = createHouseAgent({
    spec: {
      kind: 'house',
      provider: 'anthropic',
      baseUrl: 'http://127.0.0.1:9',
      model: 'm',
      contextTokens: 8000,
    },
    apiKey: 'key-0123456789',
    clock: systemClock,
    fetch: () => {
      asked()
      return new Promise(() => {})
    },
  })
  const turn = agent.runTurn('Begin.', new FakeTurnPorts())
  await request
  expect(await agent.runTurn('Me too.', new FakeTurnPorts())).toMatchObject({ reason: 'failed' })

  await agent.dispose()
  expect(await turn).toEqual({ reason: 'interrupted' })
  expect(await agent.runTurn('Again.', new FakeTurnPorts())).toMatchObject({ reason: 'failed' })
})
