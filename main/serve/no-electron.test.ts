import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const root = path.join(import.meta.dirname, '../..')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gatehouse-no-electron-'))
  // Not only absent: whoever asks for it is named.
  await writeFile(
    path.join(folder, 'no-electron.mjs'),
    `import { registerHooks } from 'node:module'
     registerHooks({
       resolve(specifier, context, next) {
         if (specifier === 'electron' || specifier.startsWith('electron/'))
           throw new Error('electron was asked for by ' + context.parentURL)
         return next(specifier, context)
       },
     })`,
  )
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Runs a module where `electron` cannot be resolved; answers what it wrote once it matches, or when it ends. */
async function runWithoutElectron(args: readonly string[], until: RegExp): Promise<string> {
  const child = spawn(
    process.execPath,
    ['--import', pathToFileURL(path.join(folder, 'no-electron.mjs')).href, ...args],
    {
      cwd: root,
      env: { ...process.env, HOME: folder, GATEHOUSE_HOME: path.join(folder, 'home'), NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()))
  await Promise.race([
    ended,
    new Promise<void>((resolve) => {
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (data: Buffer) => {
          output += data.toString()
          if (until.test(output)) resolve()
        })
    }),
  ])
  child.kill('SIGTERM')
  await ended
  return output
}

const url = /http:\/\/127\.0\.0\.1:\d+\/\S*/

test('the serve host starts where electron cannot be resolved', async () => {
  const output = await runWithoutElectron([path.join(root, 'main/serve/main.ts'), '--port', '0'], url)
  // Reaching the check for the built page means that every module was loaded.
  expect(output).toMatch(/http:\/\/127\.0\.0\.1:\d+\/|The page is not built yet/)
  expect(output).not.toContain('electron was asked for')
})

test('the same check names a module that asks for electron', async () => {
  const output = await runWithoutElectron([path.join(root, 'main/shell/main.ts')], /asked for/)
  expect(output).toContain('electron was asked for by')
  expect(output).toContain('main/shell/main.ts')
})
