import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { readLogText } from '../main/sessions/session-log-reader.ts'
import { p95, type Result, timed, times } from './measure.ts'
import { answerAll, openBrowser, scratch, serve } from './support.ts'

/**
 * Start to a usable window, hold to card on screen, and answer to run. The demo in Read only asks about nearly
 * everything, so one session gives a sample.
 */
export async function holds(): Promise<readonly Result[]> {
  const home = scratch()
  const browser = await openBrowser()
  const blank = await times(5, async () => {
    const page = await browser.newPage()
    const took = await timed(() => page.goto('about:blank'))
    await page.close()
    return took
  })
  const starts = await times(5, async (i) => {
    const begun = performance.now()
    const host = await serve(path.join(home.path, `s${i}`), '0')
    const page = await browser.newPage()
    await page.goto(host.url)
    await page.getByRole('button', { name: 'Run the demo' }).waitFor()
    const took = performance.now() - begun
    await page.close()
    await host.stop()
    return took
  })

  const host = await serve(home.path, '0')
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(host.url)
  await page.getByRole('button', { name: 'Run the demo' }).waitFor()
  await page.evaluate(() => {
    const shown: Record<string, number> = {}
    Object.assign(window, { shown })
    const look = (): void => {
      for (const row of document.querySelectorAll('[role=grid] [role=row]')) {
        const text = row.textContent ?? ''
        const key = text.slice(0, 60)
        shown[key] ??= performance.timeOrigin + performance.now()
      }
      requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
  await page
    .getByRole('navigation', { name: 'Pages and live sessions' })
    .getByRole('button', { name: /^Inbox/ })
    .click()
  await host.client.call('app/setPreferences', { undoMs: 0, undoSeriousMs: 0 })
  const asked: { subject: string; atMs: number }[] = []
  const stop = answerAll(host.client, 350, (r) => asked.push({ subject: r.subject, atMs: r.requestedAtMs }))
  const { path: folder } = await host.client.call('folders/makeDemo', {})
  const started = await host.client.call('sessions/start', {
    folder,
    agent: { kind: 'demo' },
    preset: 'read-only',
    deniedReads: [],
    prompt: '',
    trust: false,
  })
  if (started.status !== 'started') throw new Error(JSON.stringify(started))
  await new Promise<void>((resolve) => {
    const off = host.client.subscribe(
      'sessions/open',
      { id: started.id },
      {
        snapshot: () => {},
        change: (c) => {
          if (c.type !== 'item' || c.item.type !== 'turnEnd') return
          queueMicrotask(() => off())
          resolve()
        },
      },
    )
  })
  const shown = await page.evaluate(() => (window as unknown as { shown: Record<string, number> }).shown)
  const toCard = asked.flatMap(({ subject, atMs }) => {
    const key = Object.keys(shown).find((k) => k.startsWith(subject.slice(0, 40)))
    return key === undefined ? [] : [(shown[key] as number) - atMs]
  })
  stop()
  await browser.close()
  await host.stop()

  const [file] = globSync(path.join(home.path, '.gatehouse/sessions/**/*.jsonl'))
  const { lines } = readLogText(readFileSync(file as string))
  const toRun = lines.flatMap((line) => {
    if (line.type !== 'decision' || !line.decision.type.startsWith('accept')) return []
    const run = lines.find((l) => l.type === 'run' && l.actionId === line.actionId)
    return run ? [run.atMs - line.atMs] : []
  })
  home.remove()
  return [
    {
      name: 'start to usable window',
      sample: starts,
      baseline: { name: 'a blank page', sample: blank },
      budget: '≤ 1500 ms',
      met: p95(starts) <= 1500,
    },
    {
      name: 'hold to card on screen',
      sample: toCard,
      baseline: null,
      budget: 'p95 ≤ 150 ms',
      met: p95(toCard) <= 150,
    },
    {
      name: 'decision to run (undo time 0)',
      sample: toRun,
      baseline: null,
      budget: 'p95 ≤ 30 ms',
      met: p95(toRun) <= 30,
    },
  ]
}
