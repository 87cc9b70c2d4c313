import { useEffect, useState } from 'react'
import { Button } from './button.tsx'
import { spelledText } from './spell-out.ts'
import { Spelled } from './spelled.tsx'
import './place.css'

type CopyProps = {
  /** What is put on the clipboard. */
  readonly text: string
  /** What it is, for screen readers: "Copy …". */
  readonly what: string
  readonly children?: string
}

/** Copies on a click and says so in its own place; its width stays. */
export function CopyButton({ text, what, children = 'Copy' }: CopyProps) {
  const [said, setSaid] = useState<'copied' | 'refused' | null>(null)
  useEffect(() => {
    if (said === null) return
    const timer = setTimeout(() => setSaid(null), 2000)
    return () => clearTimeout(timer)
  }, [said])
  const copy = (): void => {
    // Absent where the page is not served over a trusted address.
    const written = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'))
    written.then(
      () => setSaid('copied'),
      () => setSaid('refused'),
    )
  }
  const words = said === 'copied' ? 'Copied' : said === 'refused' ? 'Not copied' : children
  return (
    <Button look="quiet" className="copy-button" aria-label={`${words} ${what}`} onClick={copy}>
      <span className="copy-words">{words}</span>
    </Button>
  )
}

type PlaceProps = {
  readonly file: string
  /** From 1; null when only the file is known. */
  readonly line: number | null
}

/** A line of a file to open: `file:line` in full, and a button that copies it. */
export function Place({ file, line }: PlaceProps) {
  const text = line === null ? file : `${file}:${line}`
  return (
    <span className="place">
      <span className="place-text">
        <Spelled text={text} limit={240} />
      </span>{' '}
      <CopyButton text={text} what={spelledText(text, 160)} />
    </span>
  )
}

/** The same in a narrow cell: the file's name and line, which opens to the whole place. */
export function ShortPlace({ file, line }: PlaceProps) {
  const [open, setOpen] = useState(false)
  const name = file.split(/[\\/]/).filter(Boolean).at(-1) ?? file
  const short = spelledText(line === null ? name : `${name}:${line}`, 60)
  return (
    <span className="short-place">
      <button
        type="button"
        className="place-open"
        aria-expanded={open}
        aria-label={`${short}: the deciding line`}
        onClick={() => setOpen(!open)}
      >
        {short}
      </button>
      {open && <Place file={file} line={line} />}
    </span>
  )
}
