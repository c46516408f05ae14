/** `/usr/share/zsh/vendor-completions/_lanacme`, for the completion system of zsh (zshcompsys(1)). */
import {
  type CompletedCommand,
  type CompletedOption,
  type CompletedValue,
  namePattern,
} from './completed-commands.ts';

export function zshCompletion(commands: readonly CompletedCommand[]): string {
  return `#compdef lanacme
# Completion for lanacme, made from its tables of commands and options.

# Names of certificates, where the folder may be read. Another user can write there: what is none is not shown.
_lanacme_names() {
	local LC_ALL=C name folder=\${opt_args[--state-dir]:-\${LANACME_STATE_DIR:-/var/lib/lanacme}}
	local -a names
	for name in $folder/live/*(N@:t); do
		[[ $name =~ '${namePattern}' ]] && names+=($name)
	done
	_describe -t certificates certificate names
}

_lanacme_commands() {
	local -a commands=(
${commands.map(({ name, what }) => `\t\t${quoted(`${name}:${what}`)}`).join('\n')}
	)
	_describe -t commands command commands
}

_lanacme() {
	local curcontext=$curcontext state line
	typeset -A opt_args
	_arguments -C '(- :)--help[print the commands and end]' '(- :)--version[print the version and end]' \\
		'1: :_lanacme_commands' '*:: :->rest' && return
	[[ $state == rest ]] || return
	case $words[1] in
${commands.map(commandCase).join('\n')}
	esac
}

_lanacme "$@"
`;
}

/** A shell takes it for one line. */
const continued = ' \\\n\t\t\t';

function commandCase(command: CompletedCommand): string {
  const specs = [...command.options.map(optionSpec), ...wordSpecs(command)].map(quoted);
  return `\t${command.name})\n\t\t_arguments ${specs.join(continued)}\n\t\t;;`;
}

function optionSpec({ option, what, value, isRepeatable }: CompletedOption): string {
  const often = isRepeatable ? '*' : '';
  const help = `[${what.replaceAll(/[\[\]\\]/g, '\\$&')}]`;
  if (value === undefined) return option === '--help' ? `(- :)${option}${help}` : `${often}${option}${help}`;
  return `${often}${option}=${help}:${value.placeholder.replaceAll(':', '\\:')}:${action(value)}`;
}

function action({ kind, words }: CompletedValue): string {
  switch (kind) {
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'user':
      return '_users';
    case 'group':
      return '_groups';
    case 'words':
    case 'text':
      return words.length === 0 ? ' ' : `(${words.join(' ')})`;
  }
}

function wordSpecs({ words, takesFolder, takesFile, mostNames }: CompletedCommand): string[] {
  const folder = takesFolder ? ['2: :_files -/'] : [];
  if (words.length > 0) return [`1: :(${words.join(' ')})`, ...folder];
  if (takesFile) return ['1: :_files'];
  if (mostNames === 0) return [];
  return [mostNames === 1 ? '1: :_lanacme_names' : '*: :_lanacme_names'];
}

/** A word of the shell, as it stands. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
