import path from 'node:path'
import type { HostHandlers } from '../../../protocol/contract.ts'
import { HostError } from '../../../protocol/endpoint.ts'
import type { SessionId } from '../../../protocol/ids.ts'
import { describeProblem } from '../../../protocol/sandbox.ts'
import type { LiveSession } from '../../pipeline/run-session.ts'
import type { HostContext } from '../host-context.ts'
import { permitted } from '../policy/permitted.ts'
import { downgradeWords } from '../policy/policy-store.ts'
import { endSession, startSession } from '../start-session.ts'

type Topic = Extract<keyof HostHandlers, `sessions/${string}`>

export function sessionHandlers(context: HostContext): Pick<HostHandlers, Topic> {
  const { sessions, store, clock } = context
  const live = (id: SessionId): LiveSession | null => {
    const session = sessions.live.get(id)
    return session && !session.ended ? session : null
  }
  const ended = { status: 'refused', why: 'This session has ended.' } as const

  return {
    'sessions/watch': (_params, sink) => {
      if (!sessions.complete)
        void sessions.whenComplete.then(() => sink.reset({ sessions: sessions.summaries, complete: true }))
      return {
        snapshot: { sessions: sessions.summaries, complete: sessions.complete },
        stop: sessions.onChange((change) => sink.change(change)),
      }
    },
    'sessions/open': ({ id }, sink) => {
      const session = sessions.live.get(id)
      if (session) {
        const { feed, terminals } = session
        const stop = feed.watch((change) => sink.change(change))
        return {
          snapshot: {
            summary: feed.summary,
            items: feed.items,
            terminals: [...terminals.infos],
            live: !session.ended,
            usage: feed.projection.usage,
          },
          stop,
        }
      }
      const summary = sessions.summaries.find((s) => s.id === id)
      if (!summary) throw new HostError('noSession', 'There is no session with this id on this machine.')
      // A past session: the list knows it at once, the log follows.
      store.read(id).then(
        (past) => {
          if (past)
            sink.reset({
              summary: past.summary,
              items: past.projection.items,
              terminals: [],
              live: false,
              usage: past.projection.usage,
            })
        },
        () => sink.end(),
      )
      return {
        snapshot: {
          summary,
          items: [],
          terminals: [],
          live: false,
          usage: { inputTokens: 0, outputTokens: 0 },
        },
        stop: () => {},
      }
    },
    'sessions/start': (params) => startSession(params, context),
    'sessions/prompt': ({ id, text }) => {
      const session = live(id)
      if (!session) return ended
      if (session.frozen)
        return { status: 'refused', why: 'This session is frozen. Check its sandbox again first.' }
      if (session.feed.summary.agent.kind === 'terminal')
        return { status: 'refused', why: 'This program is spoken to in its terminal.' }
      return { status: session.prompt(text) }
    },
    'sessions/interrupt': async ({ id }) => {
      const session = live(id)
      if (!session) return ended
      await session.interrupt()
      return { status: 'done' }
    },
    'sessions/pause': async ({ id, paused }) => {
      const session = live(id)
      if (!session) return ended
      await session.pause(paused)
      return { status: 'done' }
    },
    'sessions/end': async ({ id }) => {
      const session = live(id)
      if (!session) return ended
      await endSession(session, context, 'user', null)
      return { status: 'done' }
    },
    'sessions/setPreset': async ({ id, preset, leaseMinutes, echo, note, approvalPolicy }) => {
      const session = live(id)
      if (!session) return ended
      let leaseEndsAtMs: number | null = null
      if (preset === 'full-access') {
        const name = path.basename(session.feed.summary.folder)
        if (echo !== name)
          return { status: 'refused', why: `Type the folder's name, ${name}, to give full access.` }
        if (leaseMinutes === null) return { status: 'refused', why: 'Full access needs an end.' }
        leaseEndsAtMs = clock.nowMs() + leaseMinutes * 60_000
      }
      if (preset === 'read-only' && session.settings.boundary === 'container') {
        const { title, fix } = describeProblem({ code: 'notKeptByContainer', what: 'Read only' })
        return { status: 'refused', why: `${title} ${fix}` }
      }
      const wanted = session.settingsFor(preset, leaseEndsAtMs, approvalPolicy)
      const { to, lowered } = await permitted(session.feed.summary.folder, wanted, context)
      if (lowered.length > 0) return { status: 'refused', why: lowered.map(downgradeWords).join(' ') }
      const { stopped, withdrawn } = await session.changeSettings(to, 'user', note.trim() || null)
      return { status: 'switched', settings: to, stopped, withdrawn }
    },
  }
}
