/** At most `max` characters: the middle goes, with a line that says how much. Never leaves half a character. */
export function cutMiddle(text: string, max: number): string {
  if (text.length <= max) return text
  const head = Math.ceil(max * 0.6)
  const tail = Math.max(0, max - head)
  const left = text.length - head - tail
  return `${text.slice(0, head)}\n[… ${left} characters left out …]\n${tail > 0 ? text.slice(-tail) : ''}`.toWellFormed()
}
