import { useState, type ReactElement } from 'react'
import { isMetricName } from '@plotline/api/names'
import { CodeBlock } from '../ui/code-block.tsx'
import { Segmented } from '../ui/segmented.tsx'
import styles from './send-snippets.module.css'
import { SEND_CODE, type SendLanguage } from './send-code.ts'

const LANGUAGES: readonly { readonly value: SendLanguage; readonly label: string }[] = [
  { value: 'python', label: 'Python' },
  { value: 'node', label: 'Node' },
  { value: 'bash', label: 'Bash' },
]

/** How to send the names at hand, to be opened by those who want to know. */
export function SendSnippets({ names }: { readonly names: readonly string[] }): ReactElement {
  const [language, setLanguage] = useState<SendLanguage>('python')
  return (
    <details className={styles['details']}>
      <summary className={styles['summary']}>How to send these from your code</summary>
      <div className={styles['body']}>
        <Segmented label="Language" value={language} options={LANGUAGES} onChange={setLanguage} />
        <CodeBlock
          code={SEND_CODE[language](names.filter(isMetricName))}
          label="Copy the example"
        />
      </div>
    </details>
  )
}
