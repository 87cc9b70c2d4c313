import { expect, test } from 'vitest'
import { checkFile } from './check-imports.ts'
import { readImports } from './read-imports.ts'

// prettier-ignore
test.each([
  // file                            imports                                     part of the rule, or null when allowed
  ['protocol/a.ts', 'zod', null],
  ['protocol/a.ts', 'node:path', 'level 0'],
  ['protocol/a.ts', '../main/platform/clock.ts', 'level 0'],
  ['protocol/a.test.ts', 'vitest', null],
  ['protocol/a.ts', 'vitest', 'level 0'],
  ['main/platform/a.ts', '../policy/tier.ts', 'level 1'],
  ['main/policy/a.ts', '../../protocol/verdict.ts', null],
  ['main/policy/a.ts', 'node:crypto', 'pure'],
  ['main/policy/a.ts', '../platform/clock.ts', 'pure'],
  ['main/sandbox/a.ts', '../platform/clock.ts', null],
  ['main/sandbox/a.ts', '../approvals/inbox.ts', 'never a neighbour'],
  ['main/agent/house/a.ts', '../../approvals/inbox.ts', 'never a neighbour'],
  ['main/agent/house/a.ts', '../agent.ts', null],
  ['main/sessions/a.ts', '../pipeline/run-session.ts', 'level 3'],
  ['main/pipeline/a.ts', '../sessions/session-log-writer.ts', null],
  ['main/pipeline/a.ts', '../fleet/read-posture.ts', 'level 4'],
  ['main/pipeline/a.ts', '../host/host.ts', 'level 4'],
  ['main/host/a.ts', '../serve/main.ts', 'level 5'],
  ['main/host/a.ts', 'react', 'level 5'],
  ['main/serve/a.ts', 'ws', null],
  ['main/serve/a.ts', '../shell/window.ts', 'never shell/'],
  ['main/serve/a.ts', 'electron', 'never shell/'],
  ['main/shell/a.ts', 'electron', null],
  ['main/shell/a.ts', '../serve/http-server.ts', 'never serve/'],
  ['main/host/a.ts', '../testing/fake-clock.ts', 'by tests only'],
  ['main/host/a.test.ts', '../testing/fake-clock.ts', null],
  ['main/testing/a.ts', '../host/host.ts', null],
  ['preload/preload.ts', 'electron', null],
  ['preload/preload.ts', 'node:fs', 'preload/ imports'],
  ['preload/preload.ts', '../main/shell/origin.ts', 'preload/ imports'],
  ['renderer/main.tsx', './client/socket-client.ts', null],
  ['renderer/app.tsx', './client/socket-client.ts', 'only main.tsx'],
  ['renderer/app.tsx', 'node:fs', 'no node:*'],
  ['renderer/app.tsx', '../main/policy/tier.ts', 'renderer/ imports'],
  ['renderer/app.tsx', 'electron', 'renderer/ imports'],
  ['renderer/state/inbox.ts', '../ui/button.tsx', 'state/'],
  ['renderer/state/inbox.ts', '../client/link.ts', 'state/'],
  ['renderer/client/link.ts', '../state/connection.ts', null],
  ['renderer/client/link.ts', '../state/inbox.ts', 'client/'],
  ['renderer/ui/button.tsx', '../state/inbox.ts', 'ui/'],
  ['renderer/ui/button.tsx', '../../protocol/action.ts', 'ui/'],
  ['renderer/keys/keymap.ts', '../ui/button.tsx', 'keys/'],
  ['renderer/features/inbox/a.tsx', '../sessions/words.ts', 'another feature'],
  ['renderer/features/inbox/a.tsx', './words.ts', null],
  ['renderer/features/inbox/a.tsx', '../../ui/button.tsx', null],
  ['renderer/features/inbox/a.tsx', '../../client/link.ts', 'another feature'],
  ['renderer/features/inbox/a.tsx', '../../card/approval-card.tsx', null],
  ['renderer/card/a.tsx', '../features/inbox/words.ts', 'never a feature'],
  ['renderer/frame/a.tsx', '../features/inbox/words.ts', 'never a feature'],
  ['renderer/app.tsx', './frame/frame.tsx', null],
  ['e2e/serve/a.spec.ts', '../support/host.ts', null],
  ['e2e/serve/a.spec.ts', '../../renderer/state/inbox.ts', 'e2e/'],
  ['e2e/sandbox/escapes.test.ts', '../../main/sandbox/bwrap-argv.ts', null],
  ['e2e/sandbox/escapes.test.ts', '../../main/approvals/inbox.ts', 'e2e/sandbox/'],
  ['scripts/a.ts', '../main/host/host.ts', null],
  ['scripts/a.ts', '../main/policy/tier.ts', null],
  ['scripts/a.ts', '../main/agent/agent.ts', 'scripts/'],
  ['main/cli/a.ts', '../serve/main.ts', 'main/cli/'],
  ['bench/a.ts', '../main/policy/tier.ts', null],
  ['main/host/a.ts', 'path', 'written node:path'],
  ['main/host/a.ts', './host', 'with its suffix'],
  ['main/host/a.ts', '../../../elsewhere.ts', 'inside the repository'],
  ['main/host/a.ts', '/etc/a.ts', 'relative or name a package'],
  ['other/a.ts', 'zod', 'not in scripts/import-table.ts'],
] as const)('%s importing %s', (file, name, rule) => {
  const offences = checkFile(file, `// one\nimport '${name}'\n`)
  if (rule === null) expect(offences).toEqual([])
  else expect(offences).toMatchObject([{ file, rule: expect.stringContaining(rule) }])
})

test('every way to reach another file is found, with its line', () => {
  const code = `import type { A } from './a.ts'
import { type B } from "./b.ts"
export * from './c.ts'
export type { D } from './d.ts'
type E = import('./e.ts').E
const f = await import('./f.ts')
const g = require('./g.ts')
vi.mock('./h.ts')
new Worker(new URL('./i.ts', import.meta.url))
import './j.css'
`
  expect(readImports('x.ts', code)).toEqual(
    ['a.ts', 'b.ts', 'c.ts', 'd.ts', 'e.ts', 'f.ts', 'g.ts', 'h.ts', 'i.ts', 'j.css'].map((name, index) => ({
      name: `./${name}`,
      line: index + 1,
    })),
  )
})

test('comments, strings, templates and text on screen are not imports', () => {
  const code = `// import './a.ts'
/* import './b.ts' */
const c = "import('./c.ts')" + \`\${1} from './d.ts'\`
const e = /import '.\\/e.ts'/
const f = <p>Don't import './f.ts' /* from \` here</p>
import './g.ts'
`
  expect(readImports('x.tsx', code)).toEqual([{ name: './g.ts', line: 6 }])
})

test('a computed name is an offence in the app and allowed in tools', () => {
  expect(checkFile('main/host/a.ts', 'void import(name)')).toMatchObject([
    { name: 'a computed name', line: 1 },
  ])
  expect(checkFile('bench/a.ts', 'void import(name)')).toEqual([])
})

test('a file that cannot be parsed is not passed over', () => {
  expect(() => checkFile('main/host/a.ts', 'import {')).toThrow('main/host/a.ts cannot be parsed')
})
