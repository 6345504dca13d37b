export const EXIT_FAILED = 1
export const EXIT_BAD_INPUT = 2
export const EXIT_CANCELLED = 130

/** An expected failure, told to the person in a line each; anything else that is thrown is a bug. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly exitCode: number
  readonly lines: readonly string[]
  /** The API's code, where the server refused. */
  readonly code: string | undefined

  constructor(exitCode: number, lines: readonly string[], code?: string) {
    super(lines.join('\n'))
    this.exitCode = exitCode
    this.lines = lines
    this.code = code
  }
}

export const failed = (...lines: readonly string[]): Problem => new Problem(EXIT_FAILED, lines)
export const badInput = (...lines: readonly string[]): Problem => new Problem(EXIT_BAD_INPUT, lines)
