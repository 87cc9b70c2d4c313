import { chmod, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** Before the fuses in the real binary, too; the tools find them by it. */
const fuseSentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'

/** Version 1, nine fuses as an unpacked Electron has them: `1` on, `0` off. */
const fuses = Buffer.concat([Buffer.from([1, 9]), Buffer.from('101000110')])

/** What a Linux runtime brings besides its executable; electron-builder looks for them. */
const files = [
  'chrome-sandbox',
  'chrome_crashpad_handler',
  'chrome_100_percent.pak',
  'chrome_200_percent.pak',
  'icudtl.dat',
  'libffmpeg.so',
  'libvk_swiftshader.so',
  'libvulkan.so.1',
  'LICENSE',
  'LICENSES.chromium.html',
  'resources.pak',
  'snapshot_blob.bin',
  'v8_context_snapshot.bin',
  'vk_swiftshader_icd.json',
]

/**
 * Writes a folder that packs like Electron's Linux runtime but runs nothing, so that packaging can be
 * checked on a machine without the real one (a download of 100 MB and more).
 *
 * @param folder absolute; created
 * @param version the runtime's version, such as "45.4.1"
 */
export async function makeStubRuntime(folder: string, version: string): Promise<void> {
  await mkdir(path.join(folder, 'resources'), { recursive: true })
  await mkdir(path.join(folder, 'locales'))
  await writeFile(path.join(folder, 'locales/en-US.pak'), 'stub\n')
  await writeFile(path.join(folder, 'version'), version)
  for (const name of files) await writeFile(path.join(folder, name), `stub of ${name}\n`)
  const binary = path.join(folder, 'electron')
  await writeFile(
    binary,
    Buffer.concat([
      Buffer.from('\x7fELF stub ', 'latin1'),
      Buffer.from(fuseSentinel),
      fuses,
      Buffer.from('\n'),
    ]),
  )
  await chmod(binary, 0o755)
}
