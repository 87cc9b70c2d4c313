import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { demoProject } from './demo-project.ts'

const run = promisify(execFile)

/**
 * Writes a fresh copy of the demo project, as a git repository with one commit, and a shared folder beside it.
 *
 * @param root absolute; made when absent. @returns the project's folder
 */
export async function makeDemoFolder(root: string): Promise<string> {
  await mkdir(root, { recursive: true })
  const folder = await firstFree(root)
  for (const [name, content] of Object.entries(demoProject)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
    await writeFile(path.join(folder, name), content)
  }
  await mkdir(path.join(path.dirname(folder), 'reports'), { recursive: true })
  const env = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: root,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
  }
  const git = (...args: string[]) => run('git', ['-C', folder, ...args], { env })
  await git('init', '-q', '-b', 'main')
  await git('config', 'user.name', 'Retry Lab')
  await git('config', 'user.email', 'retry-lab@demo.invalid')
  await git('add', '-A')
  await git('commit', '-qm', 'Count tries from zero')
  return folder
}

async function firstFree(root: string): Promise<string> {
  for (let n = 1; ; n++) {
    const place = path.join(root, n === 1 ? 'demo' : `demo-${n}`)
    try {
      await mkdir(place)
      return path.join(place, 'retry-lab')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || n > 10_000) throw error
    }
  }
}
