import { PlotlineError } from '../../errors.ts'

/** `why`: the rest of a sentence. */
export const badArchive = (why: string): PlotlineError =>
  new PlotlineError(
    'BAD_ARCHIVE',
    `This is no whole archive of a job: ${why}. Nothing was imported. Export the job again, or take another copy of the file.`,
  )
