# Run one command of a shell session: restore the session's state, run, save the state beside it.
# Arguments: file of the command, saved state (may be missing), where to write the new state.
shopt -s expand_aliases
[[ -f "$2" ]] && . "$2"
__plumbline_new_state=$3

__plumbline_save() {
  local __plumbline_name __plumbline_names
  mapfile -t __plumbline_names < "$__plumbline_new_state.names"
  # a list that a full disk cut short would lose variables
  [[ ${__plumbline_names[-1]-} == "# complete" ]] || return
  {
    printf 'cd -- %q 2>/dev/null || echo "note: the folder of this session is gone" >&2\n' "$PWD"
    for __plumbline_name in "${__plumbline_names[@]}"; do
      case $__plumbline_name in
        "# complete" | __plumbline_* | BASH* | COMP_* | DIRSTACK | EPOCH* | FUNCNAME | GROUPS | HISTCMD | IFS | LINENO | \
          OLDPWD | OPTIND | PIPESTATUS | PWD | RANDOM | SECONDS | SHLVL | SRANDOM | _) continue ;;
      esac
      # read-only variables cannot be set again when the state is restored
      [[ ${!__plumbline_name@a} == *r* ]] || declare -p "$__plumbline_name"
    done
    declare -f
    declare -Fx
    alias -p
    builtin printf "# complete\n"
    # appended to the empty file: one that was cut to nothing is written out as soon as it is closed
  } >> "$__plumbline_new_state" 2> /dev/null
}

__plumbline_leave() {
  local __plumbline_status=$?
  : > "$__plumbline_new_state"
  { compgen -v && builtin printf "# complete\n"; } > "$__plumbline_new_state.names" && __plumbline_save
  return $__plumbline_status
}
trap __plumbline_leave EXIT

__plumbline_command=$1
set --
. "$__plumbline_command"
