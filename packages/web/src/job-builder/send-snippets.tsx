import { useState, type ReactElement } from 'react'
import { isMetricName } from '@plotline/api/names'
import { SEND_LANGUAGES, sendCode, type SendLanguage } from '../send-code/send-code.ts'
import { CodeBlock } from '../ui/code-block.tsx'
import { Segmented } from '../ui/segmented.tsx'
import styles from './send-snippets.module.css'

/** How to send the names at hand, to be opened by those who want to know. */
export function SendSnippets({ names }: { readonly names: readonly string[] }): ReactElement {
  const [language, setLanguage] = useState<SendLanguage>('python')
  return (
    <details className={styles['details']}>
      <summary className={styles['summary']}>How to send these from your code</summary>
      <div className={styles['body']}>
        <Segmented
          label="Language"
          value={language}
          options={SEND_LANGUAGES}
          onChange={setLanguage}
        />
        <CodeBlock code={sendCode(language, names.filter(isMetricName))} label="Copy the example" />
      </div>
    </details>
  )
}
