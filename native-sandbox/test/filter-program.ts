/** What a filter answers: `errno` is 0 for calls that go through. */
export type Answer = 'allow' | 'hold' | 'kill' | `errno ${number}`
/** What the kernel shows to a filter. Arguments have 64 bits. */
export type Call = { readonly abi: number; readonly number: number; readonly args: readonly bigint[] }
type Step = (accumulator: number, call: Call) => { readonly next: number; readonly a: number } | Answer

const low = (value: bigint) => Number(value & 0xffff_ffffn)
const load = (field: string, { abi, number, args }: Call): number => {
  if (field === 'abi') return abi
  if (field === 'call') return number
  const [, place, half] = /^arg(\d)\.(low|high)$/.exec(field) ?? []
  const value = args[Number(place)] ?? 0n
  return half === 'low' ? low(value) : low(value >> 32n)
}

function step(line: string, at: number): Step {
  const [, words = ''] = /^\d+: (.*)$/.exec(line) ?? []
  const test = /^(equal|atleast|bits) (\d+) \? (\d+) : (\d+)/.exec(words)
  if (test) {
    const [, kind, text, yes, no] = test
    const k = Number(text)
    return (a) => {
      const hit = kind === 'equal' ? a === k : kind === 'atleast' ? a >= k : (BigInt(a) & BigInt(k)) !== 0n
      return { next: Number(hit ? yes : no), a }
    }
  }
  const jump = /^goto (\d+)/.exec(words)
  if (jump) return (a) => ({ next: Number(jump[1]), a })
  const field = /^load (\S+)$/.exec(words)
  if (field) return (_, call) => ({ next: at + 1, a: load(field[1] ?? '', call) })
  const mask = /^and (0x[0-9a-f]+)$/.exec(words)
  if (mask) return (a) => ({ next: at + 1, a: Number(BigInt(a) & BigInt(mask[1] ?? 0)) })
  if (/^(allow|hold|kill|errno \d+)$/.test(words)) return () => words as Answer
  throw new Error(`not an instruction: ${line}`)
}

/** Runs a dumped program as the kernel would. @throws on an instruction that is none, or a way out of it */
export function filterProgram(dump: string): (call: Call) => Answer {
  const steps = dump.trimEnd().split('\n').map(step)
  return (call) => {
    let state = { next: 0, a: 0 }
    for (;;) {
      const result = steps[state.next]?.(state.a, call)
      if (result === undefined) throw new Error(`no instruction ${state.next}`)
      if (typeof result === 'string') return result
      if (result.next <= state.next) throw new Error(`a jump backwards from ${state.next}`)
      state = result
    }
  }
}
