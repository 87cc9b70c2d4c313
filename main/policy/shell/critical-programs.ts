const destroys = 'destroys data'
const disk = 'overwrites a device or file'
const cloud = 'changes or deletes in the cloud'
const publishes = 'publishes to the public'
const production = 'changes production'
const cluster = 'changes a cluster'
const database = 'drops data'
const later = 'changes what runs later'
const root =
  /(?:^|\s)(?:\/|~\/?|\/(?:etc|usr|var|home|bin|boot|lib|opt|root|Users|System|Library)\/?|\$HOME)(?:\s|$)/

const word = (...words: string[]): RegExp => new RegExp(`(?:^|\\s)(?:${words.join('|')})(?:\\s|$)`)
const any = /^/

/**
 * Programs whose effect cannot be taken back, by name, by their words joined with spaces, and what to call it.
 *
 * Not git, see `gitLoses`, and not rm. Reading subcommands (`get`, `list`, `plan`) are not here.
 */
export const criticalPrograms: readonly (readonly [RegExp, RegExp, string])[] = [
  [/^dd$/, /(?:^|\s)of=(?!\/dev\/null(?:\s|$))/, disk],
  [/^(?:mkfs(?:\..+)?|mke2fs|newfs|wipefs|blkdiscard|mkswap|cryptsetup|badblocks)$/, any, destroys],
  [
    /^(?:fdisk|sfdisk|cfdisk|gdisk|sgdisk|parted|gparted|diskutil|lvremove|vgremove|pvremove|zpool|zfs|mdadm)$/,
    /^(?!.*(?:^|\s)(?:-l|--list|list|print|status|info)(?:\s|$))/,
    destroys,
  ],
  [/^(?:shred|srm|scrub)$/, any, destroys],
  [/^truncate$/, any, disk],
  [/^find$/, word('-delete'), 'deletes without a copy'],
  [
    /^(?:chmod|chown|chgrp)$/,
    new RegExp(`^(?=.*(?:^|\\s)(?:-\\w*R|--recursive)).*${root.source}`),
    'changes who may use the system',
  ],
  [/^(?:mv|cp|rsync|ln)$/, /(?:^|\s)\/dev\/(?:sd|nvme|disk|hd|vd|xvd)/, disk],
  [/^rsync$/, /(?:^|\s)--(?:delete|remove-source-files)/, 'deletes without a copy'],

  [
    /^aws$/,
    /(?:^|\s)(?:rm|rb|mv|sync|cp|(?:delete|terminate|remove|put|create|update|modify|run|stop|detach|disable|deregister|revoke|attach|purge|reset|reboot|release|schedule|cancel|authorize|invoke|publish|send|deploy|start)(?:-[a-z-]+)?)(?:\s|$)/,
    cloud,
  ],
  [
    /^(?:gcloud|gsutil|bq|az|doctl|linode-cli|hcloud|oci|ibmcloud|aliyun|scw|exo|eksctl|kops)$/,
    word(
      '(?:delete|remove|rm|rb|destroy|terminate|purge|deploy|create|update|set|set-[a-z-]+|add-[a-z-]+|remove-[a-z-]+|apply|start|stop|restart|reset|resize|rsync|cp|mv|mk|patch|rollback)',
    ),
    cloud,
  ],
  [
    /^(?:kubectl|oc|k9s|kubectl\..+)$/,
    word(
      'delete',
      'apply',
      'create',
      'replace',
      'patch',
      'edit',
      'drain',
      'cordon',
      'uncordon',
      'taint',
      'scale',
      'rollout',
      'set',
      'exec',
      'run',
      'label',
      'annotate',
      'autoscale',
      'expose',
      'cp',
      'debug',
    ),
    cluster,
  ],
  [
    /^(?:helm|helmfile|kustomize|flux|argocd|istioctl)$/,
    word(
      'install',
      'upgrade',
      'uninstall',
      'delete',
      'del',
      'rollback',
      'apply',
      'sync',
      'destroy',
      'bootstrap',
      'push',
    ),
    cluster,
  ],
  [
    /^(?:terraform|tofu|terragrunt)$/,
    word(
      'apply',
      'destroy',
      'import',
      'taint',
      'untaint',
      'force-unlock',
      'run-all',
      'state (?:rm|mv|push|replace-provider)',
      'workspace delete',
    ),
    production,
  ],
  [
    /^(?:pulumi|cdk|sam|serverless|sls|ansible-playbook|ansible|cap|nomad|consul|vault|packer|copilot|chalice|zappa)$/,
    /^(?!.*(?:^|\s)(?:--check|preview|diff|list|show|version|--version|--help|validate|synth)(?:\s|$))./,
    production,
  ],
  [
    /^(?:vercel|netlify|fly|flyctl|heroku|firebase|wrangler|railway|render|surge|now|eb|dokku|supabase|amplify|gcloud-run|rsconnect|shinyapps)$/,
    word(
      'deploy',
      '--prod',
      '--prod=true',
      'publish',
      'destroy',
      'delete',
      'remove',
      'rm',
      'rollback',
      'promote',
      'up',
      'push',
      'reset',
      'apps:destroy',
      'pg:reset',
      'config:set',
      'config:unset',
      'secrets',
      'releases:rollback',
      'run',
      'scale',
      'maintenance:on',
      'terminate',
      'db',
    ),
    production,
  ],
  [
    /^(?:vercel|surge|now)$/,
    /^(?!.*\b(?:ls|list|logs|inspect|whoami|env|dev|build|help|login|link|pull)\b)/,
    production,
  ],

  [
    /^(?:docker|podman|nerdctl)$/,
    /(?:^|\s)(?:(?:system|volume|image|container|network|builder|buildx)\s+(?:prune|rm)|volume\s+rm|rm\s+(?:\S+\s+)*-\w*[fv]|rm\s+--(?:force|volumes)|rmi|compose\s+(?:\S+\s+)*down\s+(?:\S+\s+)*(?:-v|--volumes|--rmi)|swarm|stack\s+(?:rm|deploy)|service\s+rm)(?:\s|$)/,
    'deletes containers, images or volumes',
  ],
  [
    /^(?:docker|podman|nerdctl|skopeo|crane|oras)$/,
    /(?:^|\s)(?:push|copy|delete)(?:\s|$)|--push(?:\s|$)/,
    'publishes an image',
  ],
  [
    /^docker-compose$/,
    /(?:^|\s)down\s+(?:\S+\s+)*(?:-v|--volumes|--rmi)/,
    'deletes containers, images or volumes',
  ],

  [
    /^(?:npm|pnpm|yarn|bun|jsr|vsce|ovsx|lerna)$/,
    word('publish', 'unpublish', 'deprecate', 'dist-tag', 'owner', 'access'),
    publishes,
  ],
  [
    /^(?:cargo|poetry|hatch|flit|uv|pdm|maturin|mvn|gradle|gradlew|sbt|dart|flutter|mix|stack|cabal|conan|dotnet|nuget)$/,
    word('publish', 'yank', 'upload', 'deploy', 'publishPlugins', 'hex.publish', 'push', 'owner'),
    publishes,
  ],
  [
    /^(?:twine|gem|pod|snapcraft|goreleaser|semantic-release|changeset|release-it|charmcraft)$/,
    /(?:^|\s)(?:upload|push|yank|trunk|release|publish|delete|owner)(?:\s|$)|^$/,
    publishes,
  ],
  [
    /^(?:gh|glab|hub|tea)$/,
    /(?:^|\s)(?:release\s+(?:create|delete|edit|upload)|repo\s+(?:delete|archive|edit|rename|create|sync)|pr\s+(?:merge|close)|mr\s+(?:merge|close|delete)|issue\s+(?:delete|transfer|close)|(?:secret|variable|ssh-key|gpg-key)\s+(?:set|delete|remove|add)|workflow\s+(?:run|disable|enable)|run\s+(?:delete|cancel|rerun)|cache\s+delete|gist\s+(?:create|delete|edit)|label\s+delete|ruleset|project\s+delete|api\s.*(?:-X|--method)[\s=]?(?:POST|PUT|PATCH|DELETE)|api\s.*(?:-[fF]|--field|--raw-field|--input))/i,
    'publishes or deletes on a forge',
  ],

  [
    /^(?:psql|mysql|mariadb|sqlite3|sqlcmd|clickhouse-client|cockroach|duckdb|snowsql|usql|mongo|mongosh|redis-cli|cqlsh|influx)$/,
    /\b(?:drop\s+(?:table|database|schema|index|view|user|role|column|keyspace|measurement)|truncate\s|delete\s+from|alter\s+table|drop(?:Database)?\s*\(|deleteMany|remove\s*\(|flushall|flushdb)/i,
    database,
  ],
  [/^(?:dropdb|dropuser|mysqladmin|pg_restore|mongorestore)$/, /^(?!status|ping|version)/, database],
  [
    /^(?:rails|rake|php|artisan|python[\d.]*|manage\.py|prisma|sequelize|knex|alembic|flask|django-admin|mix|npx)$/,
    /(?:^|\s)(?:db:(?:drop|reset|purge)|migrate:(?:fresh|reset|refresh)|db:wipe|flush|reset_db|migrate\s+reset|db\s+push\s+.*--force-reset|ecto\.(?:drop|reset))(?:\s|$)/,
    database,
  ],

  [/^(?:crontab)$/, /^(?!-l$)./, later],
  [/^(?:at|batch)$/, /^(?!-l$)/, later],
  [
    /^systemctl$/,
    word(
      'enable',
      'disable',
      'mask',
      'unmask',
      'edit',
      'set-default',
      'stop',
      'restart',
      'isolate',
      'poweroff',
      'reboot',
      'halt',
    ),
    later,
  ],
  [/^launchctl$/, word('load', 'bootstrap', 'enable', 'submit', 'unload', 'bootout'), later],
  [/^(?:shutdown|reboot|halt|poweroff|init|telinit)$/, any, 'stops the machine'],
  [
    /^(?:iptables|ip6tables|nft|ufw|firewall-cmd|pfctl)$/,
    /^(?!-L|-S|list|status|--list)/,
    'changes the firewall',
  ],
  [/^(?:visudo|passwd|chpasswd|useradd|userdel|usermod|adduser|deluser|dscl|chsh)$/, any, 'changes accounts'],
  [/^defaults$/, word('write', 'delete'), later],
]
