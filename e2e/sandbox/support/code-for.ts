import { spawnSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

/** Where a user runs our code from: the repository, or a copy where its folder is closed to them (such as /root). */
export type Code = { readonly folder: string; readonly node: string; readonly launcher: string }

const codeAt = (folder: string, node: string): Code => ({
  folder,
  node,
  launcher: `${folder}/native-sandbox/out/launcher`,
})

/** @param root where a copy goes, when one is needed */
export function codeFor(uid: number, root: string): Code {
  if (process.getuid?.() === uid) return codeAt(repository, process.execPath)
  const as = { uid, gid: uid, stdio: 'ignore' } as const
  const canEnter = spawnSync('cat', [`${repository}/package.json`], as).status === 0
  const canRun = spawnSync(process.execPath, ['-e', ''], as).status === 0
  if (canEnter && canRun) return codeAt(repository, process.execPath)
  const copy = `${root}/code`
  for (const part of [
    'main',
    'protocol',
    'native-sandbox/out',
    'e2e/sandbox/support',
    'e2e/crash',
    'package.json',
    'node_modules/node-pty',
    'node_modules/zod',
  ])
    cpSync(`${repository}/${part}`, `${copy}/${part}`, { recursive: true })
  cpSync(process.execPath, `${copy}/node`)
  return codeAt(copy, `${copy}/node`)
}
