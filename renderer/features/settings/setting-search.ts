/** Whether every word of the query stands somewhere in the text, in any order and any case. */
export function matches(query: string, text: string): boolean {
  const within = text.toLowerCase()
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => within.includes(word))
}
