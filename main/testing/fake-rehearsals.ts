import type { RehearsedEntry } from '../sandbox/rehearse/compare-copy.ts'
import type {
  Rehearsals,
  RehearsedCopy,
  RehearsedRun,
  RehearseRequest,
} from '../sandbox/rehearse/rehearsal-run.ts'

/** Rehearsals without processes: tests say what each one did, and see what was asked and what became of its copy. */
export class FakeRehearsals implements Rehearsals {
  readonly requests: RehearseRequest[] = []
  /** `apply`, `discard`, `snapshot`, in the order in which they were asked for. */
  readonly asked: string[] = []
  impossible: string | null = null
  entries: readonly RehearsedEntry[] = []
  /** What the real folders turn out to be after the real run. */
  differences: readonly string[] = []
  applyProblem: string | null = null
  output = ''
  more: Partial<Omit<RehearsedRun, 'copy'>> = {}
  /** Until it resolves, a rehearsal runs. */
  wait: Promise<unknown> = Promise.resolve()

  async whyNot() {
    return this.impossible
  }

  async run(request: RehearseRequest) {
    this.requests.push(request)
    const stopped = Promise.withResolvers<'stopped'>()
    const ended = async (): Promise<RehearsedRun> => {
      request.onData(Buffer.from(this.output))
      const how = await Promise.race([stopped.promise, this.wait.then(() => 'itself' as const)])
      return {
        exitCode: how === 'stopped' ? null : 0,
        signal: null,
        startProblem: null,
        ended: how,
        bytes: 4096,
        stoppedConnections: 0,
        ...this.more,
        copy: this.#copy(),
      }
    }
    return { stop: () => stopped.resolve('stopped'), ended: ended() }
  }

  sweep(): void {}

  #copy(): RehearsedCopy {
    return {
      entries: this.entries,
      contents: async () => ({ before: Buffer.from('old\n'), after: Buffer.from('new\n') }),
      digest: async () => 'd'.repeat(64),
      snapshot: async () => {
        this.asked.push('snapshot')
        return null
      },
      differences: async () => this.differences,
      apply: async () => {
        this.asked.push('apply')
        return this.applyProblem
      },
      discard: () => void this.asked.push('discard'),
    }
  }
}
