import type { Page } from '@playwright/test'
import type {} from '../../preload/window.d.ts'
import { expect, test } from '../support/launch.ts'

/** Shows a page of the app's origin without the app in it, so that the only connection is the test's own. */
async function bare(page: Page): Promise<void> {
  await page.goto(new URL('/no-such-file', page.url()).href)
}

/** Sends frames through a connection of its own; answers what comes back, and `closed` when it ends. */
const speak = (page: Page, frames: readonly unknown[], until: number): Promise<readonly unknown[]> =>
  page.evaluate(
    ([toSend, count]) =>
      new Promise<unknown[]>((resolve) => {
        const { port1, port2 } = new MessageChannel()
        const heard: unknown[] = []
        const hear = (what: unknown): void => {
          heard.push(what)
          if (heard.length === count) resolve(heard)
        }
        port1.addEventListener('close', () => hear('closed'))
        port1.onmessage = ({ data }: MessageEvent<unknown>) =>
          hear(typeof data === 'string' ? JSON.parse(data) : data)
        window.postMessage('gatehouse:connect', location.origin, [port2])
        for (const frame of toSend) port1.postMessage(frame)
      }),
    [frames, until] as const,
  )

const info = JSON.stringify({ i: 1, m: 'app/info', p: {} })
const isDesktop = {
  i: 1,
  r: expect.objectContaining({ surroundings: 'desktop', picksFolders: true }) as unknown,
}

test('the page sees that it is on a desktop, and nothing else of it', async ({ app }) => {
  expect(
    await app.evaluate(() => ({
      bridge: window.gatehouse,
      frozen: Object.isFrozen(window.gatehouse),
      node: 'require' in window || 'process' in window || 'module' in window,
    })),
  ).toEqual({ bridge: { kind: 'desktop' }, frozen: true, node: false })
})

test('frames sent before the host listens are kept, and answered in order', async ({ app, problems }) => {
  problems.expect(/404/)
  await bare(app)
  expect(await speak(app, [info, JSON.stringify({ i: 2, m: 'no/such', p: {} })], 2)).toEqual([
    { i: 2, e: ['unknownMethod', 'This host has no method “no/such”.'] },
    isDesktop,
  ])
})

test.describe('what is no frame', () => {
  for (const [name, frame] of Object.entries({ text: '{"i":', object: { i: 1 }, number: 7 }))
    test(`${name}: the page hears its connection close, and can make another`, async ({ app, problems }) => {
      problems.expect(/404/)
      await bare(app)
      expect(await speak(app, [frame], 1)).toEqual(['closed'])
      expect(await speak(app, [info], 1)).toEqual([isDesktop])
    })

  test('bytes: arrive as bytes, and are none of a client', async ({ app, problems }) => {
    problems.expect(/404/)
    await bare(app)
    const heard = await app.evaluate(
      () =>
        new Promise<string>((resolve) => {
          const { port1, port2 } = new MessageChannel()
          port1.addEventListener('close', () => resolve('closed'))
          port1.onmessage = () => resolve('answered')
          window.postMessage('gatehouse:connect', location.origin, [port2])
          port1.postMessage(new Uint8Array([1, 0, 0, 0, 42]))
        }),
    )
    expect(heard).toBe('closed')
  })
})

test('a crashed page comes back', async ({ app, host }) => {
  const reloaded = app.waitForEvent('load')
  await host.desktop?.crashPage()
  await reloaded
  expect(await app.evaluate(() => window.gatehouse)).toEqual({ kind: 'desktop' })
})

test('the app starts again after a power cut, and after it ended in order', async ({ host, problems }) => {
  problems.expect(/404/)
  for (const ending of ['kill', 'quit'] as const) {
    const page = await host.restart(ending)
    await bare(page)
    expect(await speak(page, [info], 1)).toEqual([isDesktop])
  }
})
