import { isJobId, type JobId } from '../units.ts'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'
const LENGTH = 12
/** Bytes from here on would make the first letters likelier than the rest. */
const FAIR_BYTES = 256 - (256 % ALPHABET.length)

/** Cryptographic ones: whoever can guess a job's id can write to its graphs. */
export type RandomBytes = (size: number) => Uint8Array

export function newJobId(random: RandomBytes): JobId {
  let text = 'j'
  while (text.length <= LENGTH)
    for (const byte of random(LENGTH))
      if (byte < FAIR_BYTES && text.length <= LENGTH) text += ALPHABET[byte % ALPHABET.length]
  if (!isJobId(text)) throw new Error(`Made "${text}", which is no job id.`)
  return text
}
