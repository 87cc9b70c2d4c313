import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ShadowRepo } from './shadow-repo.ts'

/** Checkpoints of this many sessions are kept for each folder. */
const keptSessions = 20
/** More packs or single objects than this are put together. */
const maxPacks = 40
const maxLooseFolders = 200

/**
 * Keeps the shadow repository of a folder from growing without end. Objects of the last two days stay even
 * if nothing names them. Does nothing while another session has the folder open.
 */
export async function dropOldCheckpoints(repo: ShadowRepo, sessionId: string): Promise<void> {
  if (await othersAtWork(repo, sessionId)) return
  const refs = await repo.text([
    'for-each-ref',
    '--sort=-committerdate',
    '--format=%(refname)',
    'refs/gatehouse',
  ])
  const names = refs === '' ? [] : refs.split('\n')
  const sessions = [...new Set(names.map(sessionOf))].filter((id) => id !== sessionId)
  const old = new Set(sessions.slice(keptSessions))
  const stdin = names.filter((name) => old.has(sessionOf(name))).map((name) => `delete ${name}\n`)
  if (stdin.length > 0) await repo.git(['update-ref', '--stdin'], { stdin: Buffer.from(stdin.join('')) })
  const packs = (await readdir(join(repo.dir, 'objects/pack'))).filter((name) => name.endsWith('.pack'))
  const loose = (await readdir(join(repo.dir, 'objects'))).filter((name) => /^[0-9a-f]{2}$/.test(name))
  if (packs.length <= maxPacks && loose.length <= maxLooseFolders && stdin.length === 0) return
  const index = join(repo.dir, 'last.index')
  await repo.tryGit(['repack', '-q', '-d', '-l', '-A', '--unpack-unreachable=2.days.ago'], { index })
  await repo.tryGit(['prune', '--expire=2.days.ago'], { index })
}

const sessionOf = (ref: string): string => ref.split('/')[2] ?? ''

/** Sessions whose host is gone leave a folder behind; it is removed here. */
async function othersAtWork(repo: ShadowRepo, sessionId: string): Promise<boolean> {
  let working = false
  for (const id of await readdir(join(repo.dir, 'sessions'))) {
    if (id === sessionId) continue
    const dir = join(repo.dir, 'sessions', id)
    const pid = Number(await readFile(join(dir, 'pid'), 'utf8').catch(() => ''))
    if (isAlive(pid)) working = true
    else await rm(dir, { recursive: true, force: true })
  }
  return working
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
