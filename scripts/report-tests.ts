import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Reporter } from 'vitest/node'

const file = process.env['GATEHOUSE_TEST_REPORT']

/**
 * What vitest's own JSON report holds, as far as `test-counts.mjs` reads it, and why a test was skipped, which that
 * one leaves out. Written to the file that GATEHOUSE_TEST_REPORT names.
 */
export default class TestReport implements Reporter {
  onTestRunEnd(...[modules, unhandledErrors]: Parameters<NonNullable<Reporter['onTestRunEnd']>>): void {
    if (!file) return
    const testResults = modules.map((module) => ({
      name: path.relative(process.cwd(), module.moduleId),
      status: module.state(),
      message: module.errors()[0]?.message ?? '',
      assertionResults: [...module.children.allTests()].map((test) => {
        const result = test.result()
        return {
          fullName: test.fullName,
          status: result.state,
          failureMessages: (result.errors ?? []).map((error) => error.stack ?? error.message),
          note: result.state === 'skipped' ? result.note : undefined,
        }
      }),
    }))
    const outside = unhandledErrors.map((error) => ({
      name: 'outside of a test',
      status: 'failed',
      message: error.stack ?? error.message,
      assertionResults: [],
    }))
    writeFileSync(file, JSON.stringify({ testResults: [...testResults, ...outside] }))
  }
}
