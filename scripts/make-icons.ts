/**
 * Draws build-res/: the app's icon and the tray's pictures. Flat shapes in the ink and paper of the day
 * theme; run it again after a change (`node scripts/make-icons.ts`) and commit what it wrote.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { crc32, deflateSync } from 'node:zlib'

type Colour = readonly [red: number, green: number, blue: number]
type Point = readonly [x: number, y: number]
/** Negative inside, positive outside: the distance to the shape's edge, in units of the picture (0 to 1). */
type Shape = (at: Point) => number
type Layer = { readonly shape: Shape; readonly colour: Colour }

const ink: Colour = [0x14, 0x20, 0x1f]
const paper: Colour = [0xfa, 0xfb, 0xfb]
const strong: Colour = [0x76, 0x83, 0x7f]

const rect =
  (left: number, top: number, right: number, bottom: number): Shape =>
  ([x, y]) =>
    Math.max(left - x, x - right, top - y, y - bottom)
const disc =
  (radius: number): Shape =>
  ([x, y]) =>
    Math.hypot(x - 0.5, y - 0.5) - radius
const ring =
  (radius: number, width: number): Shape =>
  (at) =>
    Math.abs(disc(radius)(at)) - width / 2
/** A bar from the lower left to the upper right, cut off at a radius. */
const bar =
  (radius: number, width: number): Shape =>
  ([x, y]) =>
    Math.max(Math.abs(x + y - 1) / Math.SQRT2 - width / 2, Math.hypot(x - 0.5, y - 0.5) - radius)
const both =
  (...shapes: readonly Shape[]): Shape =>
  (at) =>
    Math.min(...shapes.map((shape) => shape(at)))

/** A gate on paper, two bars under a lintel, and what is held in its opening. */
const icon: readonly Layer[] = [
  { shape: rect(0.05, 0.05, 0.95, 0.95), colour: ink },
  { shape: rect(0.08, 0.08, 0.92, 0.92), colour: paper },
  {
    shape: both(rect(0.2, 0.22, 0.8, 0.34), rect(0.2, 0.22, 0.32, 0.8), rect(0.68, 0.22, 0.8, 0.8)),
    colour: ink,
  },
  { shape: rect(0.42, 0.5, 0.58, 0.66), colour: ink },
]

const trayShapes = {
  hollow: ring(0.3, 0.11),
  solid: disc(0.355),
  barred: both(ring(0.3, 0.09), bar(0.46, 0.09)),
} as const

/**
 * One tone for dark and light panels, at least 4:1 on both: the colour of a panel cannot be asked for, and
 * a light shape with a dark edge would turn solid into hollow on a light one.
 */
const onPanel = (shape: Shape): readonly Layer[] => [{ shape, colour: strong }]
/** macOS takes the alpha channel only and colours it itself. */
const template = (shape: Shape): readonly Layer[] => [{ shape, colour: [0, 0, 0] }]

/** Draws layers onto nothing, with edges smoothed over one pixel. Returns rows of RGBA. */
function draw(layers: readonly Layer[], size: number): Uint8Array {
  const pixels = new Uint8Array(size * size * 4)
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      let mixed: Colour = [0, 0, 0]
      let alpha = 0
      for (const { shape, colour } of layers) {
        const distance = shape([(column + 0.5) / size, (row + 0.5) / size]) * size
        const cover = Math.min(1, Math.max(0, 0.5 - distance))
        const next = cover + alpha * (1 - cover)
        if (next === 0) continue
        const mix = (n: 0 | 1 | 2): number => (colour[n] * cover + mixed[n] * alpha * (1 - cover)) / next
        mixed = [mix(0), mix(1), mix(2)]
        alpha = next
      }
      pixels.set([...mixed.map(Math.round), Math.round(alpha * 255)], (row * size + column) * 4)
    }
  }
  return pixels
}

function png(pixels: Uint8Array, size: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([8, 6, 0, 0, 0], 8) // 8 bits, RGBA, no interlacing
  const rows = Buffer.alloc(size * (1 + size * 4))
  for (let row = 0; row < size; row++)
    rows.set(pixels.subarray(row * size * 4, (row + 1) * size * 4), row * (1 + size * 4) + 1)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, check])
}

const folder = path.join(import.meta.dirname, '../build-res')
await mkdir(path.join(folder, 'tray'), { recursive: true })
const write = (name: string, layers: readonly Layer[], size: number): Promise<void> =>
  writeFile(path.join(folder, name), png(draw(layers, size), size))

await write('icon.png', icon, 512)
for (const [name, shape] of Object.entries(trayShapes)) {
  await write(`tray/${name}.png`, onPanel(shape), 24)
  await write(`tray/${name}@2x.png`, onPanel(shape), 48)
  await write(`tray/${name}Template.png`, template(shape), 18)
  await write(`tray/${name}Template@2x.png`, template(shape), 36)
}
