/** `*` and `?` over a whole text. Takes the product of both lengths; no pattern can make it run away. */
export function matchesGlob(pattern: string, text: string): boolean {
  const letters = Array.from(text)
  let reached = [true, ...letters.map(() => false)]
  for (const letter of pattern.replace(/\*+/g, '*')) {
    if (letter === '*') {
      let seen = false
      reached = reached.map((here) => (seen ||= here))
    } else {
      reached = [
        false,
        ...letters.map((other, place) => reached[place] === true && (letter === '?' || letter === other)),
      ]
    }
  }
  return reached[letters.length] === true
}
