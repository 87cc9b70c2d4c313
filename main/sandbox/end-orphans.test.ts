import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { launcherInside } from './bwrap-argv.ts'
import { endOrphans } from './end-orphans.ts'
import { isRunning, signalAll, treeOf } from './process-tree.ts'

/**
 * Processes with names and namespaces as bubblewrap has them: the second one is the first of a new pid namespace.
 * Only root makes one without bubblewrap.
 */
test.runIf(process.getuid?.() === 0)('only what lost its bubblewrap is ended', async () => {
  const base = mkdtempSync(`${tmpdir()}/gatehouse-orphans-`)
  execFileSync('cp', ['/bin/bash', `${base}/bwrap`])
  mkdirSync(`${base}/around`)
  execFileSync('cp', ['/usr/bin/unshare', `${base}/around/bwrap`])
  const first = (around: string, mode: string) => {
    const argv = ['-c', ': ; read x', launcherInside, mode, '/', '--', 'true']
    return spawn(around, ['--fork', '--pid', `${base}/bwrap`, ...argv], {
      stdio: ['pipe', 'ignore', 'ignore'],
      // Node's pipe is a socket, for which the outermost bash would read ~/.bashrc first.
      env: { ...process.env, SHLVL: '2' },
    })
  }
  const orphan = first('/usr/bin/unshare', '--inside')
  const other = first('/usr/bin/unshare', '--outside')
  const kept = first(`${base}/around/bwrap`, '--inside')
  const children = [orphan, other, kept]
  try {
    const last = (child: typeof orphan) => treeOf(child.pid as number).at(-1) as number
    const names = () =>
      children.map((child) => readFileSync(`/proc/${last(child)}/cmdline`, 'utf8').split('\0')[0])
    await expect.poll(names).toEqual(children.map(() => `${base}/bwrap`))
    expect(endOrphans()).toBe(1)
    await expect.poll(() => orphan.exitCode ?? orphan.signalCode).not.toBeNull()
    expect([other, kept].map((child) => isRunning(last(child)))).toEqual([true, true])
  } finally {
    for (const child of children) signalAll(treeOf(child.pid as number), 'SIGKILL')
    rmSync(base, { recursive: true })
  }
})
