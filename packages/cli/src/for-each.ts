import { Problem } from './problem.ts'

/** One after the other; what fails for one does not keep the others from being done. */
export async function forEach<Thing, T>(
  things: readonly Thing[],
  work: (thing: Thing) => Promise<T>,
): Promise<{ readonly done: T[]; readonly problems: Problem[] }> {
  const done: T[] = []
  const problems: Problem[] = []
  for (const thing of things) {
    try {
      done.push(await work(thing))
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      problems.push(error)
    }
  }
  return { done, problems }
}

/** All of them as one, if there are any. */
export function throwAll(problems: readonly Problem[]): void {
  const [first] = problems
  if (first === undefined) return
  throw new Problem(
    first.exitCode,
    problems.flatMap(({ lines }) => lines),
    first.code,
  )
}
