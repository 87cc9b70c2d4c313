import { spelledText } from './spell-out.ts'
import { Spelled } from './spelled.tsx'

/** The same shape as `Piece` of the contract; building blocks know nothing of the domain. */
export type PieceOf = {
  readonly voice: 'host' | 'machine' | 'boundary' | 'foreign'
  readonly text: string
}

type Props = {
  readonly pieces: readonly PieceOf[]
  readonly limit?: number
  readonly lines?: 'one' | 'many'
}

/** Facts in the host's words with exact values among them. Each voice has its face, and all of it is spelled. */
export function Pieces({ pieces, limit = 600, lines = 'one' }: Props) {
  return pieces.map((piece, place) => (
    <span key={place} className={`voice-${piece.voice}`}>
      <Spelled text={piece.text} limit={limit} lines={lines} />
    </span>
  ))
}

export function piecesText(pieces: readonly PieceOf[]): string {
  return spelledText(pieces.map((piece) => piece.text).join(''))
}
