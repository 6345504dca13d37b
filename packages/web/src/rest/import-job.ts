import type { Job } from '@plotline/api'
import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query'
import { ApiError, apiErrorOf } from './api-error.ts'
import { keepJob } from './jobs.ts'
import { parsed } from './request.ts'

/** The page carries no schema library along: the same word as ARCHIVE_TYPE of the contract. */
const ARCHIVE_TYPE = 'application/x-tar'

export interface Upload {
  readonly file: File
  /** Bytes sent so far. */
  readonly onProgress: (sentBytes: number) => void
  readonly signal: AbortSignal
}

/** Sends an exported job to this server, which takes it as it was. */
export function useImportJob(): UseMutationResult<Job, Error, Upload> {
  const client = useQueryClient()
  return useMutation({ mutationFn: sendArchive, onSuccess: (job) => keepJob(client, job) })
}

/** By XMLHttpRequest, since fetch does not tell how much of a body has gone. */
async function sendArchive({ file, onProgress, signal }: Upload): Promise<Job> {
  const request = new XMLHttpRequest()
  request.open('POST', '/api/v1/jobs/import')
  request.setRequestHeader('content-type', ARCHIVE_TYPE)
  request.setRequestHeader('accept', 'application/json')
  request.upload.addEventListener('progress', ({ loaded }) => onProgress(loaded))
  const stop = (): void => request.abort()
  signal.addEventListener('abort', stop)
  try {
    await answered(request, file)
  } finally {
    signal.removeEventListener('abort', stop)
  }
  const { status, responseText } = request
  if (status !== 201) throw apiErrorOf(status, parsed(responseText))
  const job: Job = JSON.parse(responseText)
  return job
}

function answered(request: XMLHttpRequest, file: File): Promise<void> {
  return new Promise((resolve, reject) => {
    request.addEventListener('load', () => resolve())
    request.addEventListener('abort', () => reject(new ImportStopped()))
    request.addEventListener('error', () =>
      reject(
        new ApiError(
          'UNREACHABLE',
          'The upload broke off. Is the Plotline server running, and does it have room for the job?',
          0,
        ),
      ),
    )
    request.send(file)
  })
}

/** The person took it back. */
export class ImportStopped extends Error {
  override readonly name = 'ImportStopped'
}
