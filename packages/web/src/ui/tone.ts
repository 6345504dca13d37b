import styles from './tone.module.css'

export type Tone = 'calm' | 'info' | 'good' | 'warn' | 'bad'

/** Text and ground of what is told in that tone. */
export const toneClass = (tone: Tone): string | undefined => styles[tone]
