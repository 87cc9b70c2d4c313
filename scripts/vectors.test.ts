import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { compareVectors, visibleVectors } from './compare-vectors.ts'

const files = await compareVectors(visibleVectors)

test.each(files.map(({ file, compared }) => [file, compared] as const))(
  '%s: nothing is wider, and all that differs is listed',
  (_file, compared) => {
    expect(compared?.length).toBeGreaterThan(30)
    expect(compared?.filter(({ result }) => result === 'wider')).toEqual([])
    const unlisted = compared?.filter(
      ({ result, difference }) => (result === 'stricter' || result === 'seed') && difference === null,
    )
    expect(unlisted).toEqual([])
  },
)

function run(folder: string): { readonly code: number; readonly out: string } {
  try {
    const script = path.join(import.meta.dirname, 'vectors.ts')
    const out = execFileSync(process.execPath, [script, 'policy', '--dir', folder], {
      encoding: 'utf8',
      stdio: 'pipe',
    })
    return { code: 0, out }
  } catch (problem) {
    const { status, stdout, stderr } = problem as { status: number; stdout: string; stderr: string }
    return { code: status, out: stdout + stderr }
  }
}

test('another folder is compared, and what is wider there is named and ends with 1', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'gatehouse-vectors-'))
  try {
    const one = { group: 'made up', domains: { 'a.com': 'allow' }, host: 'a.com', port: 80 }
    const write = (decision: object): void => {
      const text = JSON.stringify({ cases: [{ ...one, ...decision }], protocol_cases: [] })
      writeFileSync(path.join(folder, 'domain-rules.json'), text)
    }
    write({ decision: 'allow' })
    expect(run(folder)).toMatchObject({ code: 0 })
    write({ decision: 'deny', reason: 'denied' })
    const wider = run(folder)
    expect(wider.code).toBe(1)
    expect(wider.out).toContain('domain-rules.json: WIDER "made up: a.com:80"')
    expect(wider.out).toContain('execpolicy.json             not in this folder')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 120_000)
