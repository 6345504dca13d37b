import { badInput } from '../problem.ts'

/** One command as a shell completes it. */
export interface CommandWords {
  /** `''` for `plotline` itself, else `jobs list`. */
  readonly path: string
  /** Subcommands and flags that may follow. */
  readonly words: readonly string[]
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const

/** The script that makes a shell complete commands and flags; files are completed where neither fits. */
export function completionScript(shell: string, commands: readonly CommandWords[]): string {
  if (shell === 'bash') return bashScript(commands)
  if (shell === 'zsh') return zshScript(commands)
  if (shell === 'fish') return fishScript(commands)
  throw badInput(`There is no completion for "${shell}". Shells: ${SHELLS.join(', ')}.`)
}

const bashScript = (commands: readonly CommandWords[]): string => `# plotline completion for bash:
#   source <(plotline completion bash)
_plotline() {
  local current="\${COMP_WORDS[COMP_CWORD]}" at="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ "\${COMP_WORDS[i]}" == "--" ]] && return
${pathCases(commands, '"${COMP_WORDS[i]}"', '    ')}
  done
  case "$at" in
${wordCases(commands, (words) => `COMPREPLY=($(compgen -W "${words}" -- "$current"))`)}
  esac
}
complete -o default -F _plotline plotline
`

const zshScript = (commands: readonly CommandWords[]): string => `#compdef plotline
# plotline completion for zsh:
#   source <(plotline completion zsh)
_plotline() {
  local at="" i
  for ((i = 2; i < CURRENT; i++)); do
    [[ "\${words[i]}" == "--" ]] && { _files; return }
${pathCases(commands, '"${words[i]}"', '    ')}
  done
  case "$at" in
${wordCases(commands, (words) => `compadd -- ${words}`)}
  esac
  _files
}
compdef _plotline plotline
`

/** Moves \`at\` one command further when the word names one. */
function pathCases(commands: readonly CommandWords[], word: string, indent: string): string {
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => `" ${path}"`)
  return `${indent}case "$at "${word} in
${indent}  ${paths.join('|')}) at="$at "${word} ;;
${indent}esac`
}

const wordCases = (commands: readonly CommandWords[], action: (words: string) => string): string =>
  commands
    .map(
      ({ path, words }) => `    "${path === '' ? '' : ` ${path}`}") ${action(words.join(' '))} ;;`,
    )
    .join('\n')

function fishScript(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap(({ path, words }) => {
    const at = `__plotline_at '${path}'`
    return words.map((word) =>
      word.startsWith('--')
        ? `complete -c plotline -n "${at}" -l ${word.slice(2)}`
        : `complete -c plotline -n "${at}" ${path === '' ? '-f ' : ''}-a ${word}`,
    )
  })
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`)
  return `# plotline completion for fish:
#   plotline completion fish | source
function __plotline_at
  set -l at ''
  for word in (commandline -opc)[2..-1]
    test "$word" = -- && return 1
    contains -- (string trim "$at $word") ${paths.join(' ')} && set at (string trim "$at $word")
  end
  test "$at" = "$argv[1]"
end
${lines.join('\n')}
`
}
