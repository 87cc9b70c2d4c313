/** Keeps model keys. Values never reach the log, the screen or a sandbox. */
export type SecretStore = {
  /** Where values are kept, as words for the screen. */
  readonly keptIn: string
  get(name: string): Promise<string | null>
  set(name: string, value: string): Promise<void>
  remove(name: string): Promise<void>
}
