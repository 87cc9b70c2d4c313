/**
 * The quiet-deny list as it is shipped: writes that programs make by habit and do without when refused. A file
 * `quiet-deny.txt` in GATEHOUSE_HOME takes its place as a whole; this text is a good beginning for one.
 */
export const shippedQuietDeny = `# One pattern a line, with the reason behind "#". Matching writes are refused at once and counted, not asked.
# "~/" is your home, "*" stays within one name, "**" crosses folders, "/**" is a folder with all in it.
# Reads and protected places never match.

~/.cache/**                       # caches: made again when absent
~/Library/Caches/**               # caches: made again when absent
**/__pycache__/**                 # Python's compiled modules: made again when absent
~/.npm/_logs/**                   # npm's debug logs
~/.npm/_update-notifier-last-checked # when npm last looked for a newer npm
~/.config/configstore/**          # when programs last looked for a newer version
~/.config/*/logs/**               # logs of desktop programs
~/.local/state/*/logs/**          # logs of programs
~/.node_repl_history              # what was typed into Node
~/.bash_history                   # what was typed into bash
~/.zsh_history                    # what was typed into zsh
~/.python_history                 # what was typed into Python
~/.sqlite_history                 # what was typed into sqlite3
~/.psql_history                   # what was typed into psql
~/.lesshst                        # what was searched in less
~/.viminfo                        # what was edited in vim
~/.viminf*.tmp                    # what was edited in vim, while it is written
~/.wget-hsts                      # hosts that wget knows to be https
`
