/** `/usr/share/bash-completion/completions/lanacme`. It needs nothing of the package bash-completion but to be loaded by it. */
import { type CompletedCommand, type CompletedValue, namePattern } from './completed-commands.ts';

export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name);
  return [
    '# bash completion for lanacme, made from its tables of commands and options.',
    ...['', certificateNames],
    ...['', valuesFunction(commands)],
    ...['', wordsFunction(commands)],
    ...['', completionFunction(names)],
    '',
    'complete -F _lanacme lanacme',
    '',
  ].join('\n');
}

/** Where the state folder is closed to this user, nothing is offered. */
const certificateNames = `# Completes names of certificates: in --state-dir, the folder of the environment, or root's. Another user can write there:
# what is no name of a certificate is neither expanded nor shown. (compgen -W would run what stands in $() in a name.)
_lanacme_names() {
	local LC_ALL=C folder=\${LANACME_STATE_DIR:-/var/lib/lanacme} i path name
	for ((i = 1; i < COMP_CWORD; i++)); do
		[[ \${COMP_WORDS[i]} == --state-dir ]] || continue
		folder=\${COMP_WORDS[i + 1]}
		[[ $folder == = ]] && folder=\${COMP_WORDS[i + 2]}
	done
	for path in "$folder"/live/*; do
		name=\${path##*/}
		[[ -L $path && $name == "$cur"* && $name =~ ${namePattern} ]] && COMPREPLY+=("$name")
	done
}`;

/** An option means the same with every command. */
function valuesFunction(commands: readonly CompletedCommand[]): string {
  const options = new Map(
    commands.flatMap((command) => command.options.map((one) => [one.option, one.value])),
  );
  const valued = [...options].flatMap(([option, value]) => (value === undefined ? [] : [{ option, value }]));
  return `# Whether option $1 takes a value.
_lanacme_takes_value() {
	[[ ' ${valued.map(({ option }) => option).join(' ')} ' == *" $1 "* ]]
}

# Completes the value of option $1.
_lanacme_value() {
	case $1 in
${valued.map(({ option, value }) => `\t${option}) ${completion(value)} ;;`).join('\n')}
	esac
}`;
}

function completion({ kind, words }: CompletedValue): string {
  const offer = (how: string): string => `mapfile -t COMPREPLY < <(compgen ${how} -- "$cur")`;
  switch (kind) {
    case 'file':
      return `compopt -o filenames; ${offer('-f')}`;
    case 'folder':
      return `compopt -o filenames; ${offer('-d')}`;
    case 'user':
      return offer('-u');
    case 'group':
      return offer('-g');
    case 'words':
    case 'text':
      return words.length === 0 ? ':' : offer(`-W '${words.join(' ')}'`);
  }
}

function wordsFunction(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(
    ({ name, options, words, takesFolder, takesFile, mostNames }) =>
      `\t${name}) options='${options.map(({ option }) => option).join(' ')}' words='${words.join(' ')}' takes_folder=${takesFolder} takes_file=${takesFile} most_names=${atMost(mostNames)} ;;`,
  );
  return `# What command $1 takes, into variables of the caller.
_lanacme_command() {
	case $1 in
${cases.join('\n')}
	*) return 1 ;;
	esac
}`;
}

/** As many as anybody types. */
function atMost(names: number): number {
  return Math.min(names, 999);
}

function completionFunction(commands: readonly string[]): string {
  return `_lanacme() {
	local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
	local command='' options='' words='' takes_folder=false takes_file=false most_names=0 given=0 i word
	COMPREPLY=()
	# bash takes --option=value apart at the sign.
	if [[ $cur == = ]]; then
		cur=''
	elif [[ $prev == = ]]; then
		prev=\${COMP_WORDS[COMP_CWORD - 2]}
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=\${COMP_WORDS[i]}
		if [[ $word == -* || $word == = || \${COMP_WORDS[i - 1]} == = ]]; then
			continue
		elif [[ -z $command ]]; then
			command=$word
		elif ! _lanacme_takes_value "\${COMP_WORDS[i - 1]}"; then
			given=$((given + 1))
		fi
	done
	if [[ -z $command ]]; then
		mapfile -t COMPREPLY < <(compgen -W '${commands.join(' ')} --help --version' -- "$cur")
		return
	fi
	if _lanacme_takes_value "$prev"; then
		_lanacme_value "$prev"
		return
	fi
	_lanacme_command "$command" || return
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
	elif [[ -n $words ]]; then
		if ((given == 0)); then
			mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		elif ((given == 1)) && $takes_folder; then
			compopt -o filenames
			mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		fi
	elif $takes_file && ((given == 0)); then
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	elif ((given < most_names)); then
		_lanacme_names
	fi
}`;
}
