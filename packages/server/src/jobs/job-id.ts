import { isJobId, type JobId } from '../units.ts'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'
const LENGTH = 12

/** `below` gives unguessable integers in [0, below): an id is also what a stranger would have to guess to send under it. */
export function newJobId(randomInt: (below: number) => number): JobId {
  let id = 'j'
  for (let i = 0; i < LENGTH; i++) id += ALPHABET[randomInt(ALPHABET.length)] ?? ''
  if (!isJobId(id)) throw new Error(`randomInt gave a number out of range: ${id}`)
  return id
}
