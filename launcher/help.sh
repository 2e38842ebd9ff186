# Help without a build: each command has a page in launcher/help, which a test holds equal to what the program itself says. A command
# without a page does not exist.

pages=$root/launcher/help

help_of() { # help_of WORD...: the page of the longest command that these words begin with; empty where they begin with none
  help_page=
  for help_word; do
    case $help_word in *[!a-z-]* | -*) break ;; esac
    [ -f "$pages/${help_page:+$help_page-}$help_word.txt" ] || break
    help_page=${help_page:+$help_page-}$help_word
  done
  printf '%s' "$help_page"
}

help_wanted() { # whether this command line is answered by a page: help is asked for, or nothing else can be done
  case ${1:-} in
    '' | help | -h | -\? | --help | --version) return 0 ;;
  esac
  [ -n "$(help_of "$1")" ] || return 0
  for help_word; do
    case $help_word in
      --) return 1 ;;
      -h | -\? | --help) return 0 ;;
    esac
  done
  return 1
}

help_show() {
  case ${1:-} in
    '' | -h | -\? | --help) help_show_page samovar ;;
    --version) version ;;
    help)
      shift
      help_show "$@" --help
      ;;
    *)
      help_shown=$(help_of "$@")
      [ -n "$help_shown" ] || refuse "there is no command '$1'; './samovar --help' lists them."
      help_show_page "$help_shown"
      ;;
  esac
}

help_show_page() { while IFS= read -r help_line; do printf '%s\n' "$help_line"; done <"$pages/$1.txt"; }
