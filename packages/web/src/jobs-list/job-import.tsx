import { bytesText } from '@plotline/api/names'
import { useNavigate } from '@tanstack/react-router'
import { Upload } from 'lucide-react'
import { useEffect, useRef, useState, type ReactElement, type RefObject } from 'react'
import { messageOf } from '../rest/api-error.ts'
import { ImportStopped, useImportJob } from '../rest/import-job.ts'
import { Banner } from '../ui/banner.tsx'
import { Button } from '../ui/button.tsx'
import { useToast } from '../ui/toast.tsx'
import styles from './job-import.module.css'

interface Running {
  readonly file: File
  readonly sentBytes: number
  readonly stop: () => void
}

/** What the page shows of an import: the button that begins one, and beneath the head how it goes. */
export interface JobImport {
  readonly button: ReactElement
  readonly notice: ReactElement | null
}

/** Takes the file of an exported job and opens the job that it held. */
export function useJobImport(): JobImport {
  const [running, setRunning] = useState<Running>()
  const [problem, setProblem] = useState<{ readonly file: File; readonly message: string }>()
  const { mutateAsync } = useImportJob()
  const navigate = useNavigate()
  const toast = useToast()
  const isOpen = useIsMounted()

  const take = async (file: File): Promise<void> => {
    const controller = new AbortController()
    const tell = (sentBytes: number): void =>
      setRunning({ file, sentBytes, stop: () => controller.abort() })
    setProblem(undefined)
    tell(0)
    try {
      const job = await mutateAsync({ file, onProgress: tell, signal: controller.signal })
      toast(`${job.name} was imported.`)
      if (isOpen.current) await navigate({ to: '/jobs/$jobId', params: { jobId: job.id } })
    } catch (error) {
      if (error instanceof ImportStopped) return
      if (isOpen.current) setProblem({ file, message: messageOf(error) })
      else toast(`${file.name} was not imported. ${messageOf(error)}`, 'bad')
    } finally {
      setRunning(undefined)
    }
  }

  return {
    button: <ImportButton isPending={running !== undefined} onFile={(file) => void take(file)} />,
    notice:
      running !== undefined ? (
        <Progress running={running} />
      ) : problem === undefined ? null : (
        <Banner
          tone="bad"
          role="alert"
          actions={
            <Button size="sm" onPress={() => setProblem(undefined)}>
              Close
            </Button>
          }
        >
          <strong>{problem.file.name} was not imported.</strong> {problem.message}
        </Banner>
      ),
  }
}

/** An upload goes on while one looks at other pages, and takes nobody away from them. */
function useIsMounted(): RefObject<boolean> {
  const isMounted = useRef(true)
  useEffect(() => {
    isMounted.current = true
    return () => {
      isMounted.current = false
    }
  }, [])
  return isMounted
}

function ImportButton({
  isPending,
  onFile,
}: {
  readonly isPending: boolean
  readonly onFile: (file: File) => void
}): ReactElement {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button variant="ghost" isDisabled={isPending} onPress={() => input.current?.click()}>
        <Upload aria-hidden /> Import job
      </Button>
      <input
        ref={input}
        type="file"
        accept=".tar,application/x-tar"
        aria-label="Exported job to import"
        hidden
        onChange={({ target }) => {
          const [file] = target.files ?? []
          // The same file can be chosen again.
          target.value = ''
          if (file !== undefined) onFile(file)
        }}
      />
    </>
  )
}

function Progress({
  running: { file, sentBytes, stop },
}: {
  readonly running: Running
}): ReactElement {
  const isSent = sentBytes >= file.size
  return (
    <Banner
      actions={
        <Button size="sm" onPress={stop}>
          Cancel
        </Button>
      }
    >
      <div className={styles['progress']}>
        <span>
          {isSent ? `Unpacking ${file.name}…` : `Sending ${file.name}…`}{' '}
          {bytesText(Math.min(sentBytes, file.size))} of {bytesText(file.size)}
        </span>
        <progress aria-label={`Import of ${file.name}`} max={file.size} value={sentBytes} />
      </div>
    </Banner>
  )
}
