import { KeyRound } from 'lucide-react'
import { useState, type FormEvent, type ReactElement } from 'react'
import { ApiError, messageOf } from '../rest/api-error.ts'
import { openSession } from '../rest/session.ts'
import { Button } from '../ui/button.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import { Logo } from '../ui/logo.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useTitle } from '../ui/use-title.ts'
import { keyOfLink } from './key-of-link.ts'
import styles from './sign-in-page.module.css'

const WRONG_KEY =
  'That is not the key of this server. It may have been started with another data folder.'

/** For a browser that has no session: where the link is to be found, and a box for its key. */
export function SignInPage({
  isKeyRefused,
  onSignedIn,
}: {
  /** The link that led here held a key, and it was not this server's. */
  readonly isKeyRefused: boolean
  readonly onSignedIn: () => void
}): ReactElement {
  const [given, setGiven] = useState('')
  const [problem, setProblem] = useState(isKeyRefused ? WRONG_KEY : undefined)
  const [isPending, setPending] = useState(false)

  useTitle('Sign in')

  const signIn = (event: FormEvent): void => {
    event.preventDefault()
    const key = keyOfLink(given) ?? given.trim()
    if (key === '') return setProblem('Paste the link or the key first.')
    setPending(true)
    openSession(key)
      .then(onSignedIn, (error: unknown) => setProblem(words(error)))
      .finally(() => setPending(false))
  }

  return (
    <main className={styles['page']}>
      <div className={styles['card']}>
        <div className={styles['brand']}>
          <Logo />
          <h1 className={styles['title']}>Open Plotline with its link</h1>
          <p className={styles['lead']}>
            This server answers only to browsers that hold its key. When it started, it printed a
            link that carries the key. In the folder where it runs, this prints it again:
          </p>
        </div>
        <CodeBlock code="npx plotline login" label="Copy the command" />
        <form onSubmit={signIn} className={styles['form']}>
          <TextField
            label="Link or key"
            value={given}
            onChange={(text) => {
              setGiven(text)
              setProblem(undefined)
            }}
            placeholder="http://127.0.0.1:8400/#key=…"
            error={problem}
            isMono
          />
          <Button type="submit" variant="primary" isPending={isPending}>
            <KeyRound aria-hidden />
            Open
          </Button>
        </form>
        <p className={styles['note']}>
          The key is also in the file <code>api-key</code> of the server’s data folder. Opening it
          here keeps a cookie in this browser for 30 days.
        </p>
      </div>
    </main>
  )
}

function words(error: unknown): string {
  return error instanceof ApiError && error.status === 401 ? WRONG_KEY : messageOf(error)
}
