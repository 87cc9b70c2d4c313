import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DiffChange, DiffScope, DiffSnapshot, FileDiff } from '../../protocol/workspace.ts'
import { openWorkspace } from '../workspace/open-workspace.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { TempFolder } from './temp-folder.ts'
import { tempFolder } from './temp-folder.ts'

export type TestWorkspace = {
  readonly folder: TempFolder
  readonly state: TempFolder
  readonly workspace: Workspace
  /** Takes a checkpoint and makes it the base of turn and session. */
  start(): Promise<string>
  watch(scope: DiffScope): Screen
  close(): Promise<void>
}

/** A real workspace on a real folder; the shadow repository is in a second folder. */
export async function openTestWorkspace(
  folder: TempFolder = tempFolder(),
  state: TempFolder = tempFolder(),
  sessionId = 'session-1',
): Promise<TestWorkspace> {
  let now = 0
  const workspace = await openWorkspace({
    folder: folder.path,
    stateDir: state.path,
    sessionId,
    clock: { nowMs: () => ++now },
  })
  return {
    folder,
    state,
    workspace,
    async start() {
      const checkpoint = await workspace.checkpoint('start')
      workspace.setBase('session', { checkpoint, words: 'session start' })
      workspace.setBase('turn', { checkpoint, words: 'turn 1 start' })
      return checkpoint
    },
    watch: (scope) => new Screen(workspace, scope),
    async close() {
      await workspace.dispose()
      folder.remove()
      rmSync(join(state.path), { recursive: true, force: true })
    },
  }
}

/** Keeps the diff as a window does: a snapshot, then changes. */
export class Screen {
  readonly changes: DiffChange[] = []
  #state: DiffSnapshot | null = null
  #waiting: (() => void)[] = []
  readonly #stop: () => void

  constructor(workspace: Workspace, scope: DiffScope) {
    const { stop } = workspace.watch(scope, {
      snapshot: (snapshot) => this.#set(snapshot),
      change: (change) => {
        this.changes.push(change)
        this.#set(apply(this.state, change))
      },
    })
    this.#stop = stop
  }

  #set(state: DiffSnapshot): void {
    this.#state = state
    for (const wake of this.#waiting.splice(0)) wake()
  }

  get state(): DiffSnapshot {
    if (!this.#state) throw new Error('A change came before the first snapshot.')
    return this.#state
  }

  get files(): Readonly<Record<string, FileDiff>> {
    return Object.fromEntries(this.state.files.map((file) => [file.path, file]))
  }

  /** Waits until the screen shows it. A test that never sees it ends with vitest's own time limit. */
  async until(shown: (screen: this) => boolean): Promise<void> {
    while (!this.#state || !shown(this)) await new Promise<void>((wake) => this.#waiting.push(wake))
  }

  stop(): void {
    this.#stop()
  }
}

function apply(state: DiffSnapshot, change: DiffChange): DiffSnapshot {
  switch (change.type) {
    case 'file': {
      const others = state.files.filter((file) => file.path !== change.file.path)
      return { ...state, files: [...others, change.file] }
    }
    case 'gone':
      return { ...state, files: state.files.filter((file) => file.path !== change.path) }
    case 'outside':
      return { ...state, outside: change.outside, protectedTouched: change.protectedTouched }
    case 'problem':
      return { ...state, problem: change.problem }
  }
}
