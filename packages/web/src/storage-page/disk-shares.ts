import type { Disk } from '@plotline/api'

/** The disk, cut into four that add up to its size. */
export interface DiskShares {
  /** What the jobs of this server take. */
  readonly jobs: number
  /** What everything else on the disk takes. */
  readonly other: number
  /** What samples may still take. */
  readonly free: number
  /** What is free, and left for deletions and for the end of jobs. */
  readonly kept: number
}

export function diskShares(
  { totalBytes, freeBytes, minFreeBytes }: Disk,
  jobBytes: number,
): DiskShares {
  const left = Math.min(freeBytes, totalBytes)
  const used = totalBytes - left
  // Sizes of jobs are as last measured, and may be ahead of the disk's own account.
  const jobs = Math.min(jobBytes, used)
  const kept = Math.min(left, minFreeBytes)
  return { jobs, other: used - jobs, free: left - kept, kept }
}
