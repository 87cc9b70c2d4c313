import { isType } from './operate.ts'
import { keyOf, list, type Machine, points, spend, tuple, typeName, type Value, wrongType } from './value.ts'

/** `object[index]`. Strings count code points. @throws StarlarkProblem */
export function readIndex(machine: Machine, object: Value, index: Value): Value {
  if (isType(object, 'dict')) {
    const entry = object.entries.get(keyOf(machine, index))
    if (!entry) throw wrongType(machine, 'The dict has no such key.')
    return entry[1]
  }
  // `list[str]` and the like in annotations and type checks
  if (isType(object, 'function')) throw wrongType(machine, 'A function has no positions.')
  if (typeof index !== 'number') throw wrongType(machine, `A ${typeName(index)} is no position.`)
  const length = lengthOf(machine, object)
  const place = index < 0 ? index + length : index
  if (place < 0 || place >= length) throw wrongType(machine, `There is no position ${index}.`)
  if (typeof object === 'string') return points(machine, object)[place] ?? ''
  if (isType(object, 'list') || isType(object, 'tuple')) return object.items[place] ?? null
  return isType(object, 'range') ? object.start + place * object.step : null
}

/** `object[start:stop:step]`. @throws StarlarkProblem */
export function readSlice(machine: Machine, object: Value, bounds: readonly Value[]): Value {
  const length = lengthOf(machine, object)
  const numbers = bounds.map((bound) => {
    if (bound !== null && typeof bound !== 'number')
      throw wrongType(machine, 'The bounds of a slice are numbers.')
    return bound
  })
  const step = numbers[2] ?? 1
  if (step === 0) throw wrongType(machine, 'The step of a slice is 0.')
  const [least, most] = step > 0 ? [0, length] : [-1, length - 1]
  const clamp = (bound: number | null | undefined, fallback: number): number =>
    bound === null || bound === undefined
      ? fallback
      : Math.min(most, Math.max(least, bound < 0 ? bound + length : bound))
  const start = clamp(numbers[0], step > 0 ? least : most)
  const stop = clamp(numbers[1], step > 0 ? most : least)
  const places: number[] = []
  for (let at = start; step > 0 ? at < stop : at > stop; at += step) places.push(at)
  spend(machine, places.length >> 1)
  if (typeof object === 'string') {
    const chars = points(machine, object)
    return places.map((at) => chars[at] ?? '').join('')
  }
  if (isType(object, 'range'))
    return list(
      machine,
      places.map((at) => object.start + at * object.step),
    )
  if (isType(object, 'list'))
    return list(
      machine,
      places.map((at) => object.items[at] ?? null),
    )
  return isType(object, 'tuple')
    ? tuple(
        machine,
        places.map((at) => object.items[at] ?? null),
      )
    : null
}

function lengthOf(machine: Machine, object: Value): number {
  if (typeof object === 'string') {
    return points(machine, object).length
  }
  if (isType(object, 'list') || isType(object, 'tuple')) return object.items.length
  if (isType(object, 'range')) return object.length
  throw wrongType(machine, `A ${typeName(object)} has no positions.`)
}
