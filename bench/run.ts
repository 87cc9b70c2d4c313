import { existsSync } from 'node:fs'
import path from 'node:path'
import { diff } from './diff.ts'
import { holds } from './holds.ts'
import { judge } from './judge.ts'
import { type Result, report } from './measure.ts'
import { sandboxLaunch } from './sandbox-launch.ts'
import { sandboxWork } from './sandbox-work.ts'
import { root } from './support.ts'
import { terminal } from './terminal.ts'

/** `npm run bench [name …]`: measures the budgets and prints them against a baseline of the same run. Asserts nothing. */
const benches = {
  judge,
  'sandbox-launch': sandboxLaunch,
  'sandbox-work': sandboxWork,
  holds,
  terminal,
  diff,
} as const
/** Those that need nothing built. */
const unbuilt: readonly string[] = ['judge', 'sandbox-launch', 'sandbox-work']

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !Object.hasOwn(benches, name))
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}.`)
  process.exit(1)
}
const built = existsSync(path.join(root, 'out/main/serve.js'))
if (!built && !(asked.length > 0 && asked.every((name) => unbuilt.includes(name)))) {
  console.error('Nothing is built yet. Run `npm start` or `npm run build` first.')
  process.exit(1)
}
const results: Result[] = []
for (const [name, bench] of Object.entries(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  process.stderr.write(`measuring ${name} …\n`)
  results.push(...(await bench()))
}
console.log(report(results))
process.exit(0)
