import os from 'node:os'
import path from 'node:path'
import { noGrant } from '../../../protocol/action.ts'
import type { HostHandlers } from '../../../protocol/contract.ts'
import type { ItemId } from '../../../protocol/ids.ts'
import type { DiffSnapshot } from '../../../protocol/workspace.ts'
import { makeDemoFolder } from '../../agent/demo/make-demo-folder.ts'
import { markRunsLater } from '../../pipeline/mark-runs-later.ts'
import { SandboxUnavailable } from '../../sandbox/sandbox-unavailable.ts'
import { browseFolder } from '../../workspace/browse-folder.ts'
import { inspectFolder } from '../../workspace/inspect-folder.ts'
import { containerPlace, withPlace } from '../container-place.ts'
import type { HostContext } from '../host-context.ts'
import { problemIn } from '../start-session.ts'

type Topic = Extract<keyof HostHandlers, `workspace/${string}` | `folders/${string}`>

export function workspaceHandlers(context: HostContext): Pick<HostHandlers, Topic> {
  const { sessions, sandbox, clock, folders, home } = context

  return {
    'workspace/watchDiff': ({ sessionId, scope }, sink) => {
      const empty = (problem: string | null): DiffSnapshot => ({
        scope,
        base: null,
        files: [],
        filesLeftOut: 0,
        outside: [],
        protectedTouched: [],
        problem,
        atMs: clock.nowMs(),
      })
      const session = sessions.live.get(sessionId)
      if (!session)
        return { snapshot: empty('This session has ended. Its edits stand in the timeline.'), stop: () => {} }
      let stopped = false
      let stop = (): void => {}
      session.workspace.then(
        (workspace) => {
          if (stopped) return
          const marked = markRunsLater(session.folder, os.homedir())
          stop = workspace.watch(scope, {
            snapshot: (s) => sink.reset(marked.snapshot(s)),
            change: (c) => sink.change(marked.change(c)),
          }).stop
        },
        (error: unknown) => sink.reset(empty(error instanceof Error ? error.message : String(error))),
      )
      return {
        snapshot: empty(null),
        stop: () => {
          stopped = true
          stop()
        },
      }
    },
    'workspace/review': async ({ sessionId, scope, path: file, hunkId, verb }) => {
      const session = sessions.live.get(sessionId)
      if (!session || session.ended) return { status: 'refused', why: 'This session has ended.' }
      const workspace = await session.workspace
      const itemId = context.ids.next('it') as ItemId
      const what = hunkId === null ? 'the file' : 'one hunk'
      if (verb === 'revert') {
        // Written before done, like everything with an effect.
        await session.note({ type: 'review', itemId, path: file, hunkId, verb, what })
        return workspace.review(scope, file, hunkId, verb)
      }
      const result = await workspace.review(scope, file, hunkId, verb)
      if (result.status === 'done')
        await session.note({ type: 'review', itemId, path: file, hunkId, verb, what })
      return result
    },
    'folders/inspect': async ({ path: folder }) => {
      const found = await inspectFolder(folder, { trusted: folders.isTrusted(folder), gatehouseHome: home })
      if (found.status !== 'ok') return found
      // Nobody chose a mode: an unknown folder is read-only then, which is what the recommendation is for.
      const trusted = folders.isTrusted(folder)
      const effective = await context.policy.effective(folder, { sandboxMode: 'workspace-write' }, trusted)
      const configured = effective.origins.find(({ key }) => key === 'sandbox_mode')
      const lowered = effective.downgrades.find(({ key }) => key === 'sandbox_mode')
      if (effective.settings.permissions.mode !== 'read-only' && configured?.value !== 'read-only')
        return found
      const because = lowered
        ? `${lowered.setBy} permits no more`
        : configured?.value === 'read-only'
          ? `${configured.origin.file ?? 'config.toml'} sets sandbox_mode to read-only`
          : 'a settings file could not be read in full'
      return { ...found, facts: { ...found.facts, recommended: 'read-only', because } }
    },
    'folders/check': async ({ path: folder, deniedReads }) => {
      const startedAtMs = clock.nowMs()
      const effective = await context.policy.effective(folder, { sandboxMode: 'workspace-write' })
      const contained = effective.settings.boundary === 'container'
      const found = await sandbox.detect(effective.settings.boundary)
      if ('problem' in found)
        return { state: 'unavailable', problem: withPlace(found.problem, containerPlace(effective)) }
      try {
        const spec = await sandbox.buildSpec({
          mode: 'workspace-write',
          folder,
          extraWritableRoots: [],
          deniedReads,
          grant: noGrant,
          gatehouseHome: home,
          ...(contained ? { container: true } : {}),
        })
        const probes = [...(await sandbox.probe(spec, folder))]
        const problem = problemIn(probes)
        if (problem) return { state: 'unavailable', problem }
        if (contained) return { state: 'container', container: found.version, probes }
        return { state: 'verified', backend: found.backend, probes, tookMs: clock.nowMs() - startedAtMs }
      } catch (error) {
        if (error instanceof SandboxUnavailable) return { state: 'unavailable', problem: error.problem }
        const detail = error instanceof Error ? error.message : String(error)
        return { state: 'unavailable', problem: { code: 'backendFailed', detail } }
      }
    },
    'folders/browse': ({ path: folder }) => browseFolder(folder),
    'folders/recent': () => [...folders.recent()],
    'folders/makeDemo': async () => ({
      path: await makeDemoFolder(path.join(os.homedir(), 'gatehouse-demo')),
    }),
  }
}
