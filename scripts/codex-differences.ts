import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { deliberateDifferences } from '../main/config/compare-vector.ts'
import { hostDifferences } from '../main/policy/vectors/host-differences.ts'
import { shellDifferences } from '../main/policy/vectors/shell-differences.ts'
import { compareVectors, visibleVectors } from './compare-vectors.ts'
import { sandboxDifferences } from './vectors-sandbox/differences.ts'

/** Where the page stands; a test holds it to what this file writes. */
export const page = path.resolve(import.meta.dirname, '../docs/CODEX-DIFFERENCES.md')

const head = `# Where Gatehouse differs from Codex

Gatehouse reads Codex's files with Codex's meaning. Where Codex 0.169.0 is weak, Gatehouse is stricter on purpose; where
today's binary left what its documents say, Gatehouse keeps the documents' meaning ("seed"). It is never wider. The tables
come from \`npm run vectors\`, which judges vectors taken from the real binary; \`node scripts/codex-differences.ts\` writes
this page, and a test fails when it is out of date.

## Without a vector

| What Gatehouse does | Why |
| --- | --- |
| An allow rule answers the question that would be asked; it does not leave the sandbox. What the command then trips over is given path by path, the smallest first. | In Codex a rule for \`make\` runs make outside the sandbox. |
| An allow rule of Codex's speaks for plain commands only. A rule made on a card also covers output that goes nowhere else, and is closed at its end. | An open prefix lets \`--force\` ride along. |
| A rules file with a mistake fails closed: its allow rules do not count, what could be read of its other rules does, and programs that the broken part names are asked for. | Codex then applies no custom rules at all. |
| Forced deletes cannot be allowed by a rule that does not name the force. | \`prefix_rule(["rm"])\` was meant for \`rm x\`. |
| Irreversible git, disk and cloud commands are Critical. | Codex runs \`git push --force\` like any other command. |
| A tool with a destructive hint always asks, also with a read-only hint and with \`default_tools_approval_mode = "approve"\`. | The hint is the server's own warning. |
| \`[permissions.NAME.network] enabled = true\` without hosts reaches nothing. | In Codex it is unrestricted. |
| Variables that look like secrets, by name or value, are not passed to commands unless named letter by letter, also with \`ignore_default_excludes = true\`. | Codex passes API keys by default. |
| Deny globs are looked up anew for every command. | Codex expands them once, at start. |
| Edits of configuration, requirements and rules hold for the next action of running sessions; a narrower one narrows them. | Codex reads most of it at start. |
| A host nobody allowed is asked for rather than refused, unless its address would be refused anyway. | The person may answer; nothing passes before. |
`

const known = new Map<string, { readonly what: string; readonly why: string }>([
  ...[...shellDifferences, ...hostDifferences].map((d) => [d.id, d] as const),
  ...deliberateDifferences.map((d) => [d.name, { what: d.reason, why: '' }] as const),
  [
    'untrusted-known-safe',
    {
      what: 'Under `untrusted`, commands that are known to only read run without a question.',
      why: 'That is what the documents say; 0.169.0 dropped the list and asks for `ls`.',
    },
  ],
])

/** The whole page. */
export async function codexDifferences(): Promise<string> {
  const parts = [head]
  for (const { file, compared } of await compareVectors(visibleVectors)) {
    const different = (compared ?? []).filter(({ result }) => result === 'stricter' || result === 'seed')
    if (different.length === 0) continue
    parts.push(`## ${file}\n`)
    for (const name of new Set(different.map((d) => d.difference ?? 'not listed'))) {
      const words = known.get(name) ?? { what: name.replace(/^known-safe: /, ''), why: '' }
      const cases = different.filter((d) => (d.difference ?? 'not listed') === name)
      parts.push(
        `**${words.what}** ${words.why}${cases[0]?.result === 'seed' ? ' (Seed.)' : ''}\n`,
        '| Vector | Codex | Gatehouse |\n| --- | --- | --- |',
        ...cases.map(({ title, codex, ours }) => `| ${cell(title)} | ${cell(codex)} | ${cell(ours)} |`),
        '',
      )
    }
  }
  parts.push(
    `## sandbox-probes.json

\`npm run vectors -- sandbox\` runs every probe through \`gatehouse sandbox\`. Nothing that Codex stops gets through. What Codex
lets a command do and Gatehouse does not is one of these; \`e2e/sandbox/probes.test.ts\` fails for any other.

| What Gatehouse does | Why |
| --- | --- |`,
    ...sandboxDifferences.map(({ what, why }) => `| ${what} | ${why} |`),
  )
  return `${parts.join('\n').trimEnd()}\n`
}

const cell = (text: string): string =>
  `\`${text.replaceAll('\n', '⏎').replaceAll('|', '¦').replaceAll('`', 'ˋ').slice(0, 160)}\``

if (import.meta.main) writeFileSync(page, await codexDifferences())
