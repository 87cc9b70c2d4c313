import type { CommandPart } from './command-part.ts'
import { isShell, programName } from './shells.ts'
import { wrappers } from './wrappers.ts'

/** How many words behind the program say what it does, before options and names. */
const subcommands: ReadonlyMap<string, number> = new Map([
  ...'git cargo go pip pip3 brew apt apt-get dnf yum apk pacman gem bundle composer poetry uv hatch make cmake just task rustup systemctl launchctl terraform tofu pulumi helm mvn gradle gradlew dotnet swift mix rails rake flutter dart deno bun npx ninja bazel meson tox nox conda mamba nix pre-commit turbo nx lerna vercel netlify heroku fly firebase wrangler npm pnpm yarn docker podman docker-compose openssl'
    .split(' ')
    .map((name) => [name, 1] as const),
  ...'kubectl gh glab aws gcloud az'.split(' ').map((name) => [name, 2] as const),
])
/** With these words alone a rule would allow nearly anything; the script or image behind them is part of the prefix. */
const needsMore =
  /^(?:run|run-script|exec|x|dlx|compose|api|s3|ec2|config|remote|submodule|stash|worktree|bisect)$/

/** Programs that do whatever their arguments say, so that a prefix of them allows too much. */
const broad = new Set(
  'python python2 python3 pypy node nodejs deno bun perl ruby php lua osascript awk gawk sed rm rmdir mv cp ln dd chmod chown ssh scp rsync curl wget tee eval source . trap find fd xargs parallel busybox toybox watch script su runuser sg npx pwsh powershell cmd fish csh tcsh nc ncat socat kill pkill killall tar git docker kubectl'.split(
    ' ',
  ),
)

/**
 * The words of a command that say what kind of command it is: the program and its subcommands. They key the
 * fingerprint, and are what a new rule is proposed with.
 *
 * Programs of which a prefix would allow too much (interpreters, shells, wrappers, rm) give the whole command,
 * as far as it is known. Never wider than what was asked; empty when not even the program is known.
 */
export function proposedPrefix(part: CommandPart): readonly string[] {
  const [program] = part.words
  if (program === undefined) return [part.text]
  if (program === null) return []
  const known = knownWords(part)
  const name = programName(program)
  const depth = subcommands.get(name) ?? 0
  const fixed = [program]
  for (const word of known.slice(1)) {
    if (fixed.length > depth + (needsMore.test(fixed.at(-1) ?? '') ? 1 : 0)) break
    if (!/^[a-z][\w:.-]*$/i.test(word)) break
    fixed.push(word)
  }
  const vague = needsMore.test(fixed.at(-1) ?? '') || fixed.length === 1
  const tooWide =
    broad.has(name.replace(/[\d.]+$/, '')) || broad.has(name) || isShell(name) || wrappers.has(name)
  return tooWide && fixed.length === 1 ? known : vague && depth > 0 ? known : fixed
}

function knownWords({ words }: CommandPart): readonly string[] {
  const end = words.indexOf(null)
  return (end < 0 ? words : words.slice(0, end)).filter((w) => w !== null)
}
