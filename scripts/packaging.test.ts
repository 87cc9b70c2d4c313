import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeStubRuntime } from './make-stub-runtime.ts'

const run = promisify(execFile)
const require = createRequire(import.meta.url)
const root = path.join(import.meta.dirname, '..')

type Builder = {
  getConfig(dir: string, file: string, over: null): Promise<Record<string, unknown>>
  validateConfiguration(config: unknown, log: unknown): Promise<void>
}
const builder = require('app-builder-lib/out/util/config/config.js') as Builder
const { DebugLogger } = require('builder-util') as { DebugLogger: new (enabled: boolean) => unknown }
const asar = require('@electron/asar') as { listPackage(archive: string, options: object): string[] }

describe('electron-builder.yml', () => {
  const config = () => builder.getConfig(root, 'electron-builder.yml', null)

  test('passes the validator of electron-builder', async () => {
    await expect(
      builder.validateConfiguration(await config(), new DebugLogger(false)),
    ).resolves.toBeUndefined()
  })

  test('a key that does not exist would be found', async () => {
    const wrong = { ...(await config()), asarUnpacked: [] }
    await expect(builder.validateConfiguration(wrong, new DebugLogger(false))).rejects.toThrow(/asarUnpacked/)
  })

  test('nothing is published and nothing is downloaded while packing', async () => {
    expect(await config()).toMatchObject({ publish: null, npmRebuild: false, appId: 'invalid.gatehouse.app' })
  })
})

describe.skipIf(process.platform !== 'linux')('a package for Linux, on a runtime that is a stub', () => {
  let folder: string
  let unpacked: string
  let packed: string[]

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gatehouse-package-'))
    const electron = JSON.parse(
      await readFile(path.join(root, 'node_modules/electron/package.json'), 'utf8'),
    ) as { version: string }
    await makeStubRuntime(path.join(folder, 'runtime'), electron.version)
    await buildWhatIsMissing()
    await run(
      process.execPath,
      [
        path.join(root, 'node_modules/electron-builder/cli.js'),
        '--linux',
        '--dir',
        '--projectDir',
        root,
        `-c.directories.output=${folder}`,
        `-c.electronDist=${path.join(folder, 'runtime')}`,
        `-c.electronVersion=${electron.version}`,
      ],
      { cwd: root },
    )
    const [found] = (await readdir(folder)).filter((name) => name.endsWith('unpacked'))
    unpacked = path.join(folder, found ?? 'nothing was packed')
    packed = asar.listPackage(path.join(unpacked, 'resources/app.asar'), {})
  }, 180_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('has the three bundles and the pictures of the tray', () => {
    for (const file of [
      '/package.json',
      '/out/main/electron.js',
      '/out/preload/index.cjs',
      '/out/renderer/index.html',
      '/build-res/tray/hollow.png',
      '/build-res/tray/barred@2x.png',
    ])
      expect(packed).toContain(file)
  })

  test('has no sources, maps, tests, or packages but the native modules and what they require', () => {
    expect(packed.filter((file) => /\.(map|tsx?)$|\.test\./.test(file))).toEqual([])
    const tops = new Set(packed.map((file) => file.split('/')[1]))
    expect([...tops].sort()).toEqual(['build-res', 'node_modules', 'out', 'package.json'])
    const packages = new Set(
      packed
        .map((file) => /^\/node_modules\/((?:@[^/]+\/)?[^/@][^/]*)/.exec(file)?.[1])
        .filter((name) => name !== undefined),
    )
    expect([...packages].map((name) => name.replace(/^(@parcel\/watcher)-.*/, '$1-PLATFORM')).sort()).toEqual(
      [
        '@parcel/watcher',
        '@parcel/watcher-PLATFORM',
        'detect-libc',
        'is-extglob',
        'is-glob',
        'node-pty',
        'picomatch',
      ],
    )
  })

  test('keeps shared libraries outside the archive, where they can be loaded', async () => {
    const modules = path.join(unpacked, 'resources/app.asar.unpacked/node_modules')
    await access(path.join(modules, 'node-pty/build/Release/pty.node'))
    const watchers = (await readdir(path.join(modules, '@parcel'))).filter((name) =>
      name.startsWith('watcher-'),
    )
    expect(watchers.length).toBeGreaterThan(0)
    for (const watcher of watchers) await access(path.join(modules, '@parcel', watcher, 'watcher.node'))
  })

  test('has the launcher beside the archive, executable, and the shim', async () => {
    await access(path.join(unpacked, 'resources/native-sandbox/launcher'), constants.X_OK)
    await access(path.join(unpacked, 'resources/native-sandbox/hold-shim.so'), constants.R_OK)
  })

  test('has every fuse in its strict position', async () => {
    const binary = path.join(unpacked, 'gatehouse')
    expect((await stat(binary)).mode & 0o111).not.toBe(0)
    const wire = await getCurrentFuseWire(binary)
    const on = (fuse: FuseV1Options): boolean => wire[fuse] === FuseState.ENABLE
    expect({
      runAsNode: on(FuseV1Options.RunAsNode),
      cookieEncryption: on(FuseV1Options.EnableCookieEncryption),
      nodeOptions: on(FuseV1Options.EnableNodeOptionsEnvironmentVariable),
      inspect: on(FuseV1Options.EnableNodeCliInspectArguments),
      asarIntegrity: on(FuseV1Options.EnableEmbeddedAsarIntegrityValidation),
      onlyAsar: on(FuseV1Options.OnlyLoadAppFromAsar),
      filePrivileges: on(FuseV1Options.GrantFileProtocolExtraPrivileges),
    }).toEqual({
      runAsNode: false,
      cookieEncryption: true,
      nodeOptions: false,
      inspect: false,
      asarIntegrity: true,
      onlyAsar: true,
      filePrivileges: false,
    })
  })
})

/** The steps of `npm test` and `npm start` have built all of it; a single run of this file may not. */
async function buildWhatIsMissing(): Promise<void> {
  const there = async (file: string): Promise<boolean> =>
    access(path.join(root, file)).then(
      () => true,
      () => false,
    )
  const native = ['native-sandbox/out/launcher', 'native-sandbox/out/hold-shim.so']
  if ((await Promise.all(native.map(there))).includes(false))
    await run(process.execPath, [path.join(root, 'native-sandbox/build.mjs')])
  const built = ['out/main/electron.js', 'out/preload/index.cjs', 'out/renderer/index.html']
  if ((await Promise.all(built.map(there))).includes(false))
    await run(process.execPath, [path.join(root, 'node_modules/vite/bin/vite.js'), 'build', '--app'], {
      cwd: root,
    })
}
