import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { p95, type Result, times } from './measure.ts'
import { scratch, serve } from './support.ts'

/** From a write on the disk to the change in the live diff, on a repository of 50,000 files; against `git diff` on it. */
export async function diff(files = 50_000): Promise<readonly Result[]> {
  const home = scratch()
  const folder = path.join(home.path, 'repo')
  for (let d = 0; d < files / 100; d++) {
    mkdirSync(path.join(folder, `d${d}`), { recursive: true })
    for (let f = 0; f < 100; f++)
      writeFileSync(path.join(folder, `d${d}/f${f}.txt`), `file ${d} ${f}\nline two\n`)
  }
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=b', '-c', 'user.email=b@b.invalid', ...args])
  git('init', '-q')
  git('add', '-A')
  git('commit', '-qm', 'all')
  const host = await serve(home.path, '0')
  const started = await host.client.call('sessions/start', {
    folder,
    agent: { kind: 'terminal', argv: ['sleep', '1000'] },
    preset: 'auto',
    deniedReads: [],
    prompt: '',
    trust: false,
  })
  if (started.status !== 'started') throw new Error(JSON.stringify(started))
  let heard: (name: string) => void = () => {}
  await new Promise<void>((resolve) => {
    host.client.subscribe(
      'workspace/watchDiff',
      { sessionId: started.id, scope: 'session' },
      {
        snapshot: (s) => s.base !== null && resolve(),
        change: (c) => c.type === 'file' && heard(c.file.path),
      },
    )
  })
  const sample = await times(40, async (i) => {
    const name = `d${i * 7}/f${i}.txt`
    const seen = new Promise<void>((resolve) => (heard = (p) => p === name && resolve()))
    const start = performance.now()
    writeFileSync(path.join(folder, name), `changed ${i}\nline two\n`)
    await seen
    return performance.now() - start
  })
  const baseline = await times(5, async () => {
    const start = performance.now()
    git('diff', '--stat')
    return performance.now() - start
  })
  await host.stop()
  home.remove()
  return [
    {
      name: `change to live diff, ${files} files`,
      sample,
      baseline: { name: 'git diff', sample: baseline },
      budget: 'p95 ≤ 250 ms',
      met: p95(sample) <= 250,
    },
  ]
}
