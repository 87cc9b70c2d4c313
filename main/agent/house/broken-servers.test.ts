import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { FakeTurnPorts, ran } from '../../testing/fake-turn-ports.ts'
import { type Behaviour, type ModelServer, startModelServer } from '../../testing/model-server.ts'
import { createHouseAgent } from './create-house-agent.ts'
import { defaultLimits, type HouseLimits } from './limits.ts'
import type { HouseSpec } from './models.ts'

const key = 'sk-test-0123456789abcdef'
const shapes = ['openai-compatible', 'anthropic', 'google'] as const
const { firstByteMs, idleMs, answerMs } = defaultLimits

/** A clock on which one of the long waits is over soon, until `skip` is null again. */
const clock = {
  skip: null as number | null,
  nowMs: systemClock.nowMs,
  after: (ms: number, callback: () => void) => systemClock.after(ms === clock.skip ? 200 : ms, callback),
}

let server: ModelServer | null = null
afterEach(async () => {
  clock.skip = null
  await server?.close()
  server = null
})

const specOf = (provider: HouseSpec['provider'], url: string, contextTokens = 100_000): HouseSpec => ({
  kind: 'house',
  provider,
  baseUrl: `${url}/v1`,
  model: 'm',
  contextTokens,
})

async function agentAt(
  behaviour: Behaviour,
  provider: HouseSpec['provider'],
  limits: Partial<HouseLimits> = {},
) {
  server = await startModelServer(behaviour)
  const agent = createHouseAgent({
    spec: specOf(provider, server.url),
    apiKey: key,
    clock,
    limits,
  })
  return { agent, server, ports: new FakeTurnPorts({ command: ran('ok\n') }) }
}

describe.each(shapes)('%s', (provider) => {
  test.each<[Behaviour, RegExp, Partial<HouseLimits>?, number?]>([
    ['401', /does not accept the key \(401.*Store a valid key/],
    ['403', /does not accept the key \(403/],
    ['404', /knows no model “m” at this address \(404/],
    ['400', /rejected the request \(400\): “Unsupported parameter: tools\.”/],
    ['quota', /nothing left to spend/],
    ['429', /takes no more requests now \(429\)\. Send the message again in 1 s\./],
    ['429-long', /Send the message again in 60 minutes/],
    ['500', /has a problem of its own \(500\)/],
    ['529', /has a problem of its own \(529\)/],
    ['html-502', /has a problem of its own \(502\)/],
    ['too-long', /longer than m reads/],
    ['redirect', /sends the request on to http:\/\/127\.0\.0\.1:9; the key is not sent there/],
    ['html', /answered with a web page/],
    ['json', /answered with application\/json, not with a stream of events: “no streaming here”/],
    ['malformed-sse', /something that is not this provider's protocol/],
    ['not-sse', /something that is not this provider's protocol/],
    [
      'wrong-shape',
      /something that is not this provider's protocol|closed the connection in the middle|empty answer/,
    ],
    ['error-in-stream', /rejected the request.*The GPU is gone|has a problem of its own \(500\)/],
    ['nothing', /empty answer/],
    ['empty', /empty answer/],
    ['silent', /accepted the connection but sent nothing for 2 minutes/, {}, firstByteMs],
    ['silent-body', /accepted the connection but sent nothing for 2 minutes/, {}, firstByteMs],
    ['stalls', /stopped in the middle of its answer and sent nothing for 60 s/, {}, idleMs],
    ['cut', /closed the connection in the middle of its answer/],
    ['no-end-mark', /closed the connection in the middle of its answer/],
    ['cut-after-call', /closed the connection in the middle of its answer/],
    ['endless', /it was stopped after 512 KiB\./, { answerBytes: 512 * 1024 }],
    ['endless', /it was stopped after 64 KiB of text\./, { answerChars: 64 * 1024 }],
    ['endless-pings', /did not end; it was stopped after 15 minutes/, {}, answerMs],
    ['reset', /closed the connection before it answered/],
    ['length', /reached the length the model may write/],
  ])(
    'a server that does "%s" ends the turn with what to do, and the next message works',
    async (behaviour, detail, limits = {}, skip = 0) => {
      const { agent, server, ports } = await agentAt(behaviour, provider, limits)
      clock.skip = skip

      const end = await agent.runTurn('Do it.', ports)

      expect(end).toMatchObject({ reason: 'failed', detail: expect.stringMatching(detail) })
      expect(ports.proposals).toEqual([])
      expect(ports.said.every((line) => line.ended)).toBe(true)
      expect(JSON.stringify(end) + ports.everything()).not.toContain(key)

      clock.skip = null
      server.become('fine')
      expect(await agent.runTurn('Again.', ports)).toEqual({ reason: 'done' })
      expect(ports.said.at(-1)?.text).toBe('Hello from the model.')
    },
  )

  test('a busy server is asked again, visibly, after the pause it asks for', async () => {
    const { agent, ports } = await agentAt('429-then-ok', provider)

    expect(await agent.runTurn('Do it.', ports)).toEqual({ reason: 'done' })
    expect(ports.waits).toEqual([1000])
    expect(ports.notices).toEqual([
      {
        level: 'warning',
        title: 'The model server is busy',
        detail: 'It answered 429. Trying again in 1 s (try 2 of 3).',
      },
    ])
  })

  test('a broken server is asked three times, with growing pauses', async () => {
    const { agent, server, ports } = await agentAt('500-then-ok', provider)

    expect(await agent.runTurn('Do it.', ports)).toEqual({ reason: 'done' })
    expect(ports.waits).toEqual([1000, 2000])
    expect(server.requests).toHaveLength(3)
  })

  test('a thousand calls in one answer stop at the limit', async () => {
    const { agent, ports } = await agentAt('many-calls', provider, { callsPerTurn: 20 })

    expect(await agent.runTurn('Do it.', ports)).toMatchObject({
      reason: 'failed',
      detail: expect.stringMatching(/made 20 tool calls in one turn, which is the limit/),
    })
    expect(ports.proposals).toHaveLength(20)
  })

  test('calls without end stop at the limit', async () => {
    const { agent, ports } = await agentAt('calls-forever', provider, { callsPerTurn: 12 })

    expect(await agent.runTurn('Do it.', ports)).toMatchObject({ reason: 'failed' })
    expect(ports.proposals).toHaveLength(12)
  })

  test('a tool that does not exist is answered to the model, which goes on', async () => {
    const { agent, server, ports } = await agentAt('unknown-tool', provider)

    expect(await agent.runTurn('Do it.', ports)).toEqual({ reason: 'done' })
    expect(server.requests[1]).toContain('There is no such tool. The tools are: run_command')
    expect(ports.proposals).toEqual([])
  })

  test('arguments that do not fit are answered to the model, five times at most', async () => {
    const { agent, server, ports } = await agentAt('bad-arguments', provider)

    expect(await agent.runTurn('Do it.', ports)).toMatchObject({
      reason: 'failed',
      detail: expect.stringMatching(/wrote 5 tool calls in a row that cannot be read/),
    })
    expect(server.requests).toHaveLength(5)
    expect(ports.proposals).toEqual([])
  })

  test('an argument of 10 MB is neither run nor sent back', async () => {
    const { agent, server, ports } = await agentAt('huge-argument', provider)

    expect(await agent.runTurn('Do it.', ports)).toEqual({ reason: 'done' })
    expect(ports.proposals).toEqual([])
    expect(server.requests[1]).toContain('characters long')
    expect(server.requests[1]?.length).toBeLessThan(50_000)
  })

  test('a key that the server echoes letter by letter is not shown', async () => {
    const { agent, ports } = await agentAt('echoes-key', provider)

    expect(await agent.runTurn('Do it.', ports)).toEqual({ reason: 'done' })
    expect(ports.said.at(-1)?.text).toBe('Your key is [key], nice.')
  })

  test('a conversation the server finds too long is shortened harder and sent once more', async () => {
    const { agent, ports, server } = await agentAt('fine', provider)
    for (const word of ['one ', 'two ', 'three ']) await agent.runTurn(word.repeat(3000), ports)
    server.become('too-long-then-ok')

    expect(await agent.runTurn('And now?', ports)).toEqual({ reason: 'done' })
    expect(ports.said.at(-1)?.text).toBe('Now it fits.')
    expect(ports.notices).toHaveLength(1)
  })
})

test('broken JSON in arguments is answered to the model', async () => {
  for (const provider of ['openai-compatible', 'anthropic'] as const) {
    const { agent, ports, server } = await agentAt('broken-arguments', provider)
    expect(await agent.runTurn('Do it.', ports)).toEqual({ reason: 'done' })
    expect(server.requests[1]).toContain('no valid JSON')
    expect(ports.proposals).toEqual([])
    await server.close()
  }
})

describe('before anything is sent', () => {
  const run = async (spec: Partial<HouseSpec>, apiKey: string | null) => {
    const agent = createHouseAgent({
      spec: { ...specOf('anthropic', 'http://127.0.0.1:1'), ...spec },
      apiKey,
      clock: systemClock,
      fetch: () => Promise.reject(new Error('must not be called')),
    })
    return agent.runTurn('Hi', new FakeTurnPorts())
  }

  test.each([
    [
      'no key for a provider that needs one',
      { baseUrl: '' },
      null,
      /There is no key for https:\/\/api\.anthropic\.com/,
    ],
    ['a key with a line break inside', {}, 'sk-abc\ndef-ghi', /characters that no key has/],
    [
      'credentials in the address',
      { baseUrl: 'http://me:pw@127.0.0.1:1/v1' },
      null,
      /without a name and password/,
    ],
  ] as const)('%s is said', async (_title, spec, apiKey, detail) => {
    const end = await run(spec, apiKey)
    expect(end).toMatchObject({ reason: 'failed', detail: expect.stringMatching(detail) })
    expect(JSON.stringify(end)).not.toMatch(/sk-abc|pw@/)
  })
})

test.each([['the name does not exist', 'http://no-such-host.invalid/v1', /has no address/]] as const)(
  '%s: said at once, without a retry',
  async (_title, baseUrl, detail) => {
    const spec = { ...specOf('openai-compatible', ''), baseUrl }
    const ports = new FakeTurnPorts()
    const end = await createHouseAgent({ spec, apiKey: null, clock: systemClock }).runTurn('Hi', ports)
    expect(end).toMatchObject({ reason: 'failed', detail: expect.stringMatching(detail) })
    expect(ports.notices).toEqual([])
  },
)

test('nobody listens: said at once, without a retry', async () => {
  const gone = await startModelServer('fine')
  await gone.close()
  const ports = new FakeTurnPorts()
  const agent = createHouseAgent({ spec: specOf('google', gone.url), apiKey: key, clock: systemClock })
  expect(await agent.runTurn('Hi', ports)).toMatchObject({
    reason: 'failed',
    detail: expect.stringMatching(/the connection was refused\. Start the model server/),
  })
  expect(ports.notices).toEqual([])
})

test('https to a server that speaks http is a matter of encryption', async () => {
  server = await startModelServer('fine')
  const spec = { ...specOf('openai-compatible', ''), baseUrl: `${server.url.replace('http:', 'https:')}/v1` }
  const end = await createHouseAgent({ spec, apiKey: null, clock: systemClock }).runTurn(
    'Hi',
    new FakeTurnPorts(),
  )
  expect(end).toMatchObject({ reason: 'failed', detail: expect.stringMatching(/No encrypted connection/) })
})
