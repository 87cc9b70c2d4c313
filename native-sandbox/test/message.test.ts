import { describe, expect, test } from 'vitest'
import { fuzz } from './fuzz.mjs'

describe.runIf(process.platform === 'linux')('the control protocol', () => {
  test('no mutated line crashes its reader, and none becomes a permission', () => {
    expect(fuzz(20_000, 7)).toMatch(
      /^20000 lines, 0 crashes, \d+ of them read, \d+ permissions, all of them exact\n$/,
    )
  }, 600_000)
})
