/** The demo's project: small, without dependencies, with one real fault. Path to content. */
export const demoProject: Readonly<Record<string, string>> = {
  'README.md': `# retry-lab

Waits between tries of a request. \`node --test\` runs the tests.

A report of each change goes to the shared folder \`../reports\`.
Advisories are checked with \`node tools/check-advisories.mjs URL\`; a copy stands in \`vendor/advisories.json\`.
`,
  'AGENTS.md': `Run the tests before and after a change. Commit when they pass.
`,
  'package.json': `{
  "name": "retry-lab",
  "version": "1.2.0",
  "private": true,
  "type": "module",
  "scripts": { "test": "node --test" }
}
`,
  'CHANGELOG.md': `# Changes

- 1.2.0: tries are counted from zero
`,
  'src/backoff.mjs': `/** Milliseconds to wait before try number \`attempt\`, counted from 0. */
export function backoff(attempt, base = 100) {
  return base * 2 ** attempt
}

/** Spreads waits, so that clients do not come back all at once. */
export function withJitter(ms, random = Math.random) {
  return Math.round(ms / 2 + random() * (ms / 2))
}
`,
  'test/backoff.test.mjs': `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoff, withJitter } from '../src/backoff.mjs'

test('doubles with every try', () => {
  assert.deepEqual([0, 1, 2, 3].map((n) => backoff(n)), [100, 200, 400, 800])
})

test('never waits longer than half a minute', () => {
  assert.equal(backoff(12), 30_000)
})

test('jitter stays within the wait', () => {
  assert.equal(withJitter(1000, () => 0), 500)
  assert.equal(withJitter(1000, () => 1), 1000)
})
`,
  'tools/check-advisories.mjs': `import { readFile } from 'node:fs/promises'
import http from 'node:http'

const source = process.argv[2] ?? 'vendor/advisories.json'
const read = (url) =>
  new Promise((resolve, reject) => {
    http.get(url, (res) => {
      let text = ''
      res.on('data', (d) => (text += d))
      res.on('end', () => resolve(text))
    }).on('error', reject)
  })

try {
  const list = JSON.parse(source.startsWith('http') ? await read(source) : await readFile(source, 'utf8'))
  console.log(\`\${list.advisories.length} advisories for retry-lab, as of \${list.asOf}\`)
} catch (error) {
  console.error(\`cannot reach \${source}: \${error.code ?? ''} \${error.message}\`)
  process.exit(1)
}
`,
  'vendor/advisories.json': `{ "asOf": "2026-10-30", "advisories": [] }
`,
  '.env.local': `# not a real key
RETRY_LAB_KEY=demo-0000-0000
`,
  '.gitignore': `.env.local
build/
`,
}

export const cappedBackoff = `/** The longest wait, in milliseconds. */
const longest = 30_000

/** Milliseconds to wait before try number \`attempt\`, counted from 0. */
export function backoff(attempt, base = 100) {
  return Math.min(longest, base * 2 ** attempt)
}

/** Spreads waits, so that clients do not come back all at once. */
export function withJitter(ms, random = Math.random) {
  return Math.round(ms / 2 + random() * (ms / 2))
}
`
