import type { Effective } from '../policy/settings/effective-config.ts'
import { effectiveConfig } from '../policy/settings/effective-config.ts'
import type { LoadRequest } from './load-layers.ts'
import { loadLayers } from './load-layers.ts'
import { ConfigWatch } from './watch-config.ts'

export type ConfigListener = (now: Effective, before: Effective) => void

/**
 * The settings in force for one folder (or for none), kept up to date with the files. An edit takes effect
 * within a second; one that breaks a file leaves the narrowest settings until it is mended.
 */
export class ConfigStore {
  #request: LoadRequest
  #current: Effective
  #reading: Promise<unknown> = Promise.resolve()
  readonly #watch: ConfigWatch
  readonly #listeners = new Set<ConfigListener>()

  private constructor(request: LoadRequest, current: Effective) {
    this.#request = request
    this.#current = current
    this.#watch = new ConfigWatch(() => void this.reload())
  }

  /** Reads all files once and starts watching them. Never throws. */
  static async open(request: LoadRequest): Promise<ConfigStore> {
    const { input } = await loadLayers(request)
    const store = new ConfigStore(request, effectiveConfig(input))
    await store.reload()
    return store
  }

  get current(): Effective {
    return this.#current
  }

  /** Called after settings or what is told about them changed. Returns how to stop. */
  onChange(listener: ConfigListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Reads everything again, with another trust, profile or session choice when given. */
  reload(change: Partial<LoadRequest> = {}): Promise<Effective> {
    const reading = this.#reading.then(async () => {
      this.#request = { ...this.#request, ...change }
      // Watched before they are read: what changes in between is seen as a change.
      let read = await loadLayers(this.#request)
      for (let files: readonly string[] = []; read.files.join('\0') !== files.join('\0'); ) {
        files = read.files
        await this.#watch.watch(files)
        read = await loadLayers(this.#request)
      }
      const now = effectiveConfig(read.input)
      const before = this.#current
      this.#current = now
      if (fingerprint(now) !== fingerprint(before)) {
        for (const listener of this.#listeners) listener(now, before)
      }
      return now
    })
    this.#reading = reading.catch(() => {})
    return reading
  }

  dispose(): void {
    this.#watch.dispose()
    this.#listeners.clear()
  }
}

/** Everything that can be seen or decides; the maps inside `settings` are told by the rest. */
const fingerprint = ({ settings, requirementsInForce, ...shown }: Effective): string =>
  JSON.stringify([shown, settings.permissions, [...settings.mcpServers], requirementsInForce.deniedReads])
