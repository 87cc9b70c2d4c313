import type { Finding } from './compare-probe.ts'
import type { Probe } from './probe-file.ts'

/** A place where a command of ours may do less than with Codex, on purpose. */
export type SandboxDifference = {
  readonly id: string
  /** What Gatehouse does instead, as a sentence. */
  readonly what: string
  readonly why: string
  /** Told from what was tried, never from the name of a probe. */
  readonly fits: (finding: Finding, probe: Probe) => boolean
}

const scriptOf = ({ command }: Probe): string => (typeof command === 'string' ? command : command.join(' '))
const protectedName = /(?:^|[/\s])\.(?:git|codex|agents|aws|gatehouse)\b/i

/** Each explains what is stricter only: nothing wider is ever on this list. The first that fits is named. */
export const sandboxDifferences: readonly SandboxDifference[] = [
  {
    id: 'not-installed',
    what: 'Folders and programs of Codex itself are not there.',
    why: 'Gatehouse does not bring them.',
    fits: (_, probe) =>
      probe.mode === 'danger-full-access' && /codex-daemon-|\/opt\/codex\//.test(scriptOf(probe)),
  },
  {
    id: 'private-tmp',
    what: 'Every run has a /tmp of its own, which ends with it.',
    why: "The host's /tmp holds sockets and files of other programs, and a file left there can be read by all of them.",
    fits: ({ about, codex }) => about === 'host' && codex.includes('/tmp/'),
  },
  {
    id: 'no-user-namespaces',
    what: 'No further user namespaces can be made inside, so a nested sandbox does not start; the profile for browsers allows it.',
    why: 'In one a program holds all capabilities over new mounts, which is most of the attack surface of the kernel.',
    fits: ({ family }, probe) =>
      /^(?:unshare|userns|clone3\(NEWUSER\)|mount.*)$/.test(family) ||
      /\b(?:bwrap|unshare|codex sandbox)\b/.test(scriptOf(probe)),
  },
  {
    id: 'keyrings',
    what: "Calls on the kernel's keyrings are refused.",
    why: 'A session keyring may hold secrets of the person, and no ordinary build tool uses it.',
    fits: ({ family }) => /^(?:keyctl|add_key)/.test(family),
  },
  {
    id: 'tracing',
    what: 'A program cannot trace or read the memory of another one, also when the network is open.',
    why: 'A traced program is a way around every rule about which program may do what.',
    fits: ({ family }) => /^(?:ptrace|process_vm|open\(\/proc)/.test(family),
  },
  {
    id: 'more-protected',
    what: 'Protected names hold in nested repositories and folders too, in any case of letters, and there are more of them (docs/PROTECTED-PATHS.md).',
    why: 'A hook in a nested repository runs outside later just as one at the top does.',
    fits: ({ about }, probe) => ['attempt', 'host'].includes(about) && protectedName.test(scriptOf(probe)),
  },
  {
    id: 'later-files-are-denied',
    what: 'A denied pattern also holds for files that appear, are renamed or linked while the command runs, and for what lies in a folder that it matches.',
    why: 'Codex looks once, at the start.',
    fits: (_, probe) => /"(?:deny|none)"/.test(probe.config_toml ?? ''),
  },
  {
    id: 'network-by-host',
    what: '`network_access = true` and `[permissions.NAME.network]` open no network by themselves.',
    why: 'Each host is asked for or allowed by a rule; a switch that opens everything is what rules are there to replace.',
    fits: ({ family }, probe) =>
      /network/.test(`${probe.config_toml ?? ''} ${probe.flags.join(' ')}`) &&
      /^(?:socket|listen|rc|exit)$/.test(family),
  },
  {
    id: 'whole-disk-writable',
    what: 'A profile that makes the whole disk writable is not taken for a boundary, and does not start as one.',
    why: 'With everything writable nothing is protected; full access is chosen by its own name.',
    fits: (_, probe) => /":root"\s*=\s*"write"/.test(probe.config_toml ?? ''),
  },
  {
    id: 'empty-root',
    what: 'With minimal reads the empty root around what is shown cannot be written; the workspace and /tmp can.',
    why: 'A file there ends with the run, and a program that writes to `/` is better told so.',
    fits: ({ about, codex }, probe) =>
      about === 'attempt' && codex === 'OK write' && /":minimal"/.test(probe.config_toml ?? ''),
  },
  {
    id: 'other-machine-code',
    what: 'Calls of another machine (i386) are as this kernel answers them; Gatehouse starts nothing for them.',
    why: 'Whether they exist is decided by how the kernel was built, not by a boundary.',
    fits: ({ family }, probe) =>
      probe.mode === 'danger-full-access' &&
      /int80/.test(scriptOf(probe)) &&
      /^(?:i386 socket|rc)$/.test(family),
  },
  {
    id: 'first-process',
    what: 'The first process of a boundary is a small one of Gatehouse, and its arguments do not repeat the settings.',
    why: 'Arguments can be read by every user of the machine.',
    fits: (_, probe) => /\/proc\/1\/cmdline/.test(scriptOf(probe)),
  },
  {
    id: 'closed-disk',
    what: 'Where a profile closes the whole disk, the empty one in its place cannot be written, but for the private /tmp.',
    why: 'What is written there is gone with the command; a refusal says so.',
    fits: ({ family }, probe) => family === 'write' && /":minimal"/.test(probe.config_toml ?? ''),
  },
  {
    id: 'own-folder',
    what: "Gatehouse's own folder cannot be read by a command, not even its settings.",
    why: 'It holds logs of other sessions and what was decided in them.',
    fits: (_, probe) => /\$(?:CODEX_HOME|ROOT\/ch)\b/.test(scriptOf(probe)),
  },
]
