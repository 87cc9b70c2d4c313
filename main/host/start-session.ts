import { realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import type { z } from 'zod'
import { noGrant } from '../../protocol/action.ts'
import type { SecretName } from '../../protocol/app.ts'
import type { ConfigValue, ShellEnvironmentPolicy } from '../../protocol/config.ts'
import type { SessionId } from '../../protocol/ids.ts'
import { logFormat } from '../../protocol/log-entry.ts'
import type { Downgrade } from '../../protocol/requirements.ts'
import type { Probe, SandboxProblem } from '../../protocol/sandbox.ts'
import { type AgentSpec, type sessionsContract } from '../../protocol/sessions.ts'
import { presetOf, type Settings } from '../../protocol/settings.ts'
import type { Agent } from '../agent/agent.ts'
import { createDemoAgent, demoPrompt } from '../agent/demo/demo-script.ts'
import { createHouseAgent } from '../agent/house/create-house-agent.ts'
import { createTerminalAgent } from '../agent/terminal-agent.ts'
import { expandDeniedGlobs, TooManyMatches } from '../config/expand-denied-globs.ts'
import { closedBySettings } from '../pipeline/closed-by-settings.ts'
import { LiveSession } from '../pipeline/run-session.ts'
import { hasProxy } from '../pipeline/session-network.ts'
import { defaultProfileFor } from '../policy/settings/default-profile.ts'
import type { Effective } from '../policy/settings/effective-config.ts'
import { isTable, own } from '../policy/settings/layer.ts'
import { SandboxUnavailable } from '../sandbox/sandbox-unavailable.ts'
import { scanWorkspace } from '../sandbox/scan-workspace.ts'
import { commandEnv } from '../secrets/command-env.ts'
import { inspectFolder } from '../workspace/inspect-folder.ts'
import { openWorkspace } from '../workspace/open-workspace.ts'
import { containerPlace, withPlace } from './container-place.ts'
import type { HostContext } from './host-context.ts'
import { downgradeWords, loweredDials, settingsFrom } from './policy/policy-store.ts'

type Params = z.output<(typeof sessionsContract)['sessions/start']['params']>
type Result = z.input<(typeof sessionsContract)['sessions/start']['result']>

/** Starts a session: the boundary is built and proven before the agent exists. */
export async function startSession(params: Params, context: HostContext): Promise<Result> {
  if (context.closing()) return { status: 'refused', why: 'The app is closing.' }
  if (params.preset === 'full-access')
    return {
      status: 'refused',
      why: 'Full access cannot be a start. Start in Auto, then switch to it for a stated time.',
    }
  const folder = await realpath(params.folder).catch(() => null)
  if (folder === null || !(await stat(folder)).isDirectory())
    return { status: 'refused', why: `${params.folder} is not a folder that can be opened.` }

  const { settings, lowered, environment, containerFrom } = await sessionSettings(params, folder, context)
  const found = await context.sandbox.detect(settings.boundary)
  if ('problem' in found)
    return { status: 'sandboxUnavailable', problem: withPlace(found.problem, containerFrom) }
  let probes: Awaited<ReturnType<typeof context.sandbox.probe>>
  try {
    const spec = await context.sandbox.buildSpec({
      mode: settings.sandboxMode,
      folder,
      extraWritableRoots: settings.extraWritableRoots,
      deniedReads: [...settings.deniedReads, ...(await expandDeniedGlobs(settings.deniedGlobs ?? []))],
      ...closedBySettings(settings),
      grant: noGrant,
      gatehouseHome: context.home,
    })
    probes = await context.sandbox.probe(
      context.createProxy !== null && hasProxy(spec, settings) ? { ...spec, proxied: true } : spec,
      folder,
    )
  } catch (error) {
    if (error instanceof SandboxUnavailable) return { status: 'sandboxUnavailable', problem: error.problem }
    if (error instanceof TooManyMatches) return { status: 'refused', why: error.message }
    throw error
  }
  const provedAtMs = context.clock.nowMs()
  const problem = problemIn(probes)
  if (problem) return { status: 'sandboxUnavailable', problem }

  const facts = await inspectFolder(folder, {
    trusted: context.folders.isTrusted(folder),
    gatehouseHome: context.home,
  })
  const branch = facts.status === 'ok' ? (facts.facts.git?.branch ?? null) : null
  await (params.trust ? context.folders.trust(folder) : context.folders.noteOpened(folder))

  const container = settings.boundary === undefined ? null : found.version
  const id = context.ids.next('se') as SessionId
  const writer = await context.store.create(id)
  let session: LiveSession | null = null
  const agent = await createAgent(params.agent, context, () => session?.settings ?? settings)
  const { createProxy } = context
  session = new LiveSession({
    id,
    folder,
    gatehouseHome: context.home,
    clock: context.clock,
    ids: context.ids,
    sandbox: context.sandbox,
    inbox: context.inbox,
    history: context.history,
    agent,
    env: commandEnv(process.env, environment),
    writer,
    settings,
    proof: { backend: found.backend, container, atMs: provedAtMs },
    ...(createProxy === null
      ? {}
      : { network: { createProxy, settings: () => context.policy.proxySettings(folder) } }),
    scan: (signal) => scanWorkspace(folder, { signal, ...scanLimits }),
    policy: {
      rules: (cwd) => context.policy.lookup(folder, cwd),
      decode: context.policy.decode,
      noteUse: (verdict) => context.uses.add(verdict, context.clock.nowMs()),
      noteAnswer: (request, outcome, note) => context.past.add(request, folder, outcome, note),
    },
    workspace: openWorkspace({
      folder,
      stateDir: path.join(context.home, 'state'),
      sessionId: id,
      clock: context.clock,
    }),
  })
  await session.note({
    type: 'sessionStart',
    format: logFormat,
    sessionId: id,
    appVersion: context.version,
    folder,
    branch,
    title: path.basename(folder),
    agent: params.agent,
    agentName: agent.name,
    settings,
  })
  const itemId = context.ids.next('it') as never
  await session.note(
    container === null
      ? { type: 'sandboxVerified', itemId, backend: found.backend, probes: [...probes] }
      : { type: 'containerStands', itemId, container, probes: [...probes] },
  )
  if (settings.holdShim && found.abilities.shim !== '')
    await session.notice(
      'warning',
      'Writing is asked about the slow way',
      `hold_shim is set, and ${found.abilities.shim}. Until then every write call waits for the supervisor.`,
    )
  for (const each of lowered)
    await session.notice('warning', 'A setting was lowered to what is permitted', downgradeWords(each))
  context.sessions.add(session)

  const prompt = firstPrompt(params)
  const live = session
  if (prompt !== null) live.prompt(prompt)
  // The session of a terminal agent is its program: when that ends, so does the session.
  if (params.agent.kind === 'terminal')
    void live.idle().then(() => endSession(live, context, 'agentExited', `${agent.name} ended.`))
  return { status: 'started', id }
}

export async function endSession(
  session: LiveSession,
  context: HostContext,
  reason: 'user' | 'agentExited' | 'appClosed',
  detail: string | null,
): Promise<void> {
  await session.end(reason, detail)
  context.sessions.retire(session.id)
}

/** A walk goes on beside the first turn, so it may take its time, but not for ever. */
const scanLimits = { maxFiles: 500_000, timeMs: 20_000, now: () => performance.now() }

/** What the probes found wrong: something got through, or an attempt that could not be made proves nothing. */
export function problemIn(probes: readonly Probe[]): SandboxProblem | null {
  const open = probes.find((p) => !p.blocked)
  if (!open) return null
  const { target, detail } = open
  return open.made === false
    ? { code: 'backendFailed', detail: `the check “${target}” could not be made. ${detail}` }
    : { code: 'probeNotBlocked', target, detail }
}

function firstPrompt({ agent, prompt }: Params): string | null {
  switch (agent.kind) {
    case 'demo':
      return prompt.trim() || demoPrompt
    case 'house':
      return prompt.trim() || null
    case 'terminal':
      return `Run ${agent.argv.join(' ')}`
  }
}

/** What the person chose, over the files, lowered to what requirements permit. */
async function sessionSettings(
  params: Params,
  folder: string,
  { policy, folders }: HostContext,
): Promise<{
  readonly settings: Settings
  readonly lowered: readonly Downgrade[]
  readonly environment: ShellEnvironmentPolicy | null
  /** Where the settings say that the container is the boundary, to be opened; null: they do not, or on no line. */
  readonly containerFrom: string | null
}> {
  const trusted = params.trust || folders.isTrusted(folder)
  const configured = await policy.effective(folder, {}, trusted)
  const { sandboxMode, approvalPolicy } = presetOf(params.preset)
  const wanted = params.approvalPolicy ?? (configured.origins.some(isPolicy) ? null : approvalPolicy)
  const choice = wanted === null || wanted === 'granular' ? {} : { approvalPolicy: wanted }
  // The preset is how much may be done at most; what a profile closes stays closed in all of them.
  const contained = configured.settings.boundary === 'container'
  const profile = namedProfile(configured) ?? (contained ? null : defaultProfileFor(params.agent))
  const named = profile === null ? {} : { permissionProfile: profile }
  const effective = await policy.effective(folder, { sandboxMode, ...named, ...choice }, trusted)
  const settings = settingsFrom(effective, {
    preset: params.preset,
    leaseEndsAtMs: null,
    deniedReads: params.deniedReads,
  })
  return {
    settings: profile === null ? settings : { ...settings, profile },
    lowered: loweredDials(effective),
    environment: effective.settings.shellEnvironment,
    containerFrom: containerPlace(effective),
  }
}

/** The permission profile that the files choose. */
function namedProfile({ configured }: Effective): string | null {
  const name = isTable(configured) ? own(configured, 'default_permissions') : null
  return typeof name === 'string' ? name : null
}

/** A file says when to ask, so a preset does not. */
const isPolicy = ({ key, origin }: ConfigValue): boolean =>
  key.startsWith('approval_policy') && origin.layer !== 'builtin'

/** GATEHOUSE_MODEL_WAIT_MS: how long a model may say nothing, 500 to 600,000. Anything else: the agent's own limits. */
function waits(text: string | undefined): { firstByteMs?: number; idleMs?: number } {
  const waitMs = Number(text)
  return Number.isInteger(waitMs) && waitMs >= 500 && waitMs <= 600_000
    ? { firstByteMs: waitMs, idleMs: waitMs }
    : {}
}

async function createAgent(spec: AgentSpec, context: HostContext, settings: () => Settings): Promise<Agent> {
  switch (spec.kind) {
    case 'demo':
      return createDemoAgent(context.demoPace)
    case 'terminal':
      return createTerminalAgent(spec.argv)
    case 'house': {
      const name: SecretName = `model.${spec.provider}`
      const apiKey = await context.surface.secrets.get(name)
      return createHouseAgent({
        spec,
        apiKey,
        clock: context.clock,
        settings,
        limits: waits(process.env['GATEHOUSE_MODEL_WAIT_MS']),
      })
    }
  }
}
