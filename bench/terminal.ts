import path from 'node:path'
import { spawn } from 'node-pty'
import { p95, type Result, times } from './measure.ts'
import { openBrowser, scratch, serve } from './support.ts'

/** From a key sent to a sandboxed shell to its answer painted in the page, against a bare PTY without a page. */
export async function terminal(): Promise<readonly Result[]> {
  const bare = await barePty()
  const home = scratch()
  const host = await serve(home.path, '1')
  const browser = await openBrowser()
  const { path: folder } = await host.client.call('folders/makeDemo', {})
  const started = await host.client.call('sessions/start', {
    folder,
    agent: { kind: 'terminal', argv: ['bash', '--norc'] },
    preset: 'auto',
    deniedReads: [],
    prompt: '',
    trust: false,
  })
  if (started.status !== 'started') throw new Error(JSON.stringify(started))
  const sessionId = started.id
  const terminalId = await new Promise<string>((resolve) => {
    host.client.subscribe(
      'sessions/open',
      { id: sessionId },
      {
        snapshot: (s) => s.terminals[0] && resolve(s.terminals[0].id),
        change: (c) => c.type === 'terminal' && resolve(c.terminal.id),
      },
    )
  })
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(host.url)
  await page
    .getByRole('navigation', { name: 'Pages and live sessions' })
    .getByRole('list', { name: 'Live sessions' })
    .getByRole('button')
    .first()
    .click()
  await page.locator('.xterm-rows').first().waitFor()
  await page.waitForTimeout(500)
  const type = (data: string) =>
    host.client.call('terminals/input', { id: terminalId as never, sessionId, data })
  const sample = await times(40, async (i) => {
    const word = `word${i}done`
    const painted = page.evaluate(
      (wanted) =>
        new Promise<number>((resolve) => {
          const look = (): void => {
            if (document.querySelector('.xterm-rows')?.textContent?.includes(wanted))
              resolve(performance.timeOrigin + performance.now())
            else requestAnimationFrame(look)
          }
          look()
        }),
      word,
    )
    const sentMs = performance.timeOrigin + performance.now()
    // The shell joins the parts, so the word on screen is its answer, not the echo.
    await type(`clear; echo word${i}"done"\r`)
    return (await painted) - sentMs
  })
  await browser.close()
  await host.stop()
  home.remove()
  return [
    {
      name: 'PTY to screen',
      sample,
      baseline: { name: 'bare PTY', sample: bare },
      budget: 'p95 ≤ 100 ms',
      met: p95(sample) <= 100,
    },
  ]
}

async function barePty() {
  const pty = spawn('bash', ['--norc'], { cwd: path.resolve('/'), cols: 100, rows: 30 })
  let text = ''
  pty.onData((d) => (text += d))
  await new Promise((r) => setTimeout(r, 300))
  const sample = await times(40, async (i) => {
    const start = performance.now()
    pty.write(`clear; echo word${i}"done"\r`)
    while (!text.includes(`word${i}done`)) await new Promise((r) => setImmediate(r))
    return performance.now() - start
  })
  pty.kill()
  return sample
}
