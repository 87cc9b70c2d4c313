import { ApprovalPolicy, type Granular, SandboxMode, type Settings } from '../../protocol/settings.ts'
import { nearestName } from '../policy/settings/nearest-name.ts'
import { UsageProblem } from './command.ts'

/** The switches of `approval_policy = { granular = { … } }`, as the file spells them. */
const switches = {
  sandbox_approval: 'sandboxApproval',
  rules: 'rules',
  mcp_elicitations: 'mcpElicitations',
  request_permissions: 'requestPermissions',
  skill_approval: 'skillApproval',
} as const satisfies Readonly<Record<string, keyof Granular>>

/**
 * The settings a command line names.
 *
 * @param granular `rules=true,sandbox_approval=false`; what is left out is false. null: not given
 * @throws {UsageProblem}
 */
export function judgeSettings(policy: string, mode: string, granular: string | null): Settings {
  const approvalPolicy = ApprovalPolicy.safeParse(policy)
  if (!approvalPolicy.success)
    throw new UsageProblem(
      `--policy is one of ${ApprovalPolicy.options.join(', ')}, not ${JSON.stringify(policy)}.`,
    )
  const sandboxMode = SandboxMode.safeParse(mode)
  if (!sandboxMode.success)
    throw new UsageProblem(`--mode is one of ${SandboxMode.options.join(', ')}, not ${JSON.stringify(mode)}.`)
  const isGranular = approvalPolicy.data === 'granular'
  if (isGranular !== (granular !== null))
    throw new UsageProblem(
      isGranular
        ? 'With --policy granular, say what is asked: --granular rules=true,sandbox_approval=false.'
        : '--granular belongs to --policy granular.',
    )
  return {
    sandboxMode: sandboxMode.data,
    approvalPolicy: approvalPolicy.data,
    ...(granular === null ? {} : { granular: readSwitches(granular) }),
    preset: null,
    leaseEndsAtMs: null,
    extraWritableRoots: [],
    deniedReads: [],
  }
}

function readSwitches(text: string): Granular {
  const read: Record<keyof Granular, boolean> = {
    sandboxApproval: false,
    rules: false,
    mcpElicitations: false,
    requestPermissions: false,
    skillApproval: false,
  }
  for (const item of text.split(',').filter((part) => part.trim() !== '')) {
    const [name = '', value] = item.split('=').map((part) => part.trim())
    const known = Object.entries(switches).find(([key]) => key === name)
    if (known === undefined) {
      const near = nearestName(name, Object.keys(switches))
      throw new UsageProblem(
        `--granular has no switch ${JSON.stringify(name)}; ${near === null ? `it has ${Object.keys(switches).join(', ')}` : `did you mean ${near}?`}`,
      )
    }
    if (value !== 'true' && value !== 'false')
      throw new UsageProblem(`--granular ${name} is true or false, as in ${name}=true.`)
    read[known[1]] = value === 'true'
  }
  return read
}
