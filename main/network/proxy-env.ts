/** Where the relay listens inside the sandbox, on 127.0.0.1; 0: not at all. */
export type ProxyPorts = { readonly http: number; readonly socks: number }

/** Destinations that are reached inside the sandbox, or not at all. */
const local = 'localhost,127.0.0.1,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16'

/**
 * The variables by which programs find the proxy, those of Codex and the Java machine's: each in the spelling that
 * some program reads, since there is no common one.
 *
 * NO_PROXY is empty unless local destinations may be reached: a program that goes around the proxy goes nowhere, and
 * is told nothing. Git's own `ssh` is left alone: it needs a program that speaks SOCKS, and none is always there.
 *
 * @param javaOptions what JAVA_TOOL_OPTIONS held before; kept, since it is one variable for everything
 */
export function proxyEnv(
  ports: ProxyPorts,
  allowLocalBinding: boolean,
  javaOptions = '',
): Readonly<Record<string, string>> {
  if (ports.http === 0) return {}
  const http = `http://127.0.0.1:${ports.http}`
  const socks = ports.socks === 0 ? http : `socks5h://127.0.0.1:${ports.socks}`
  const around = allowLocalBinding ? local : ''
  const env: Record<string, string> = {}
  for (const name of forHttp) Object.assign(env, { [name]: http, [name.toLowerCase()]: http })
  for (const name of forAll) Object.assign(env, { [name]: socks, [name.toLowerCase()]: socks })
  for (const name of forNone) Object.assign(env, { [name]: around, [name.toLowerCase()]: around })
  return {
    ...env,
    NODE_USE_ENV_PROXY: '1',
    ELECTRON_GET_USE_PROXY: 'true',
    CODEX_NETWORK_PROXY_ACTIVE: '1',
    CODEX_NETWORK_ALLOW_LOCAL_BINDING: allowLocalBinding ? '1' : '0',
    JAVA_TOOL_OPTIONS: [javaOptions, ...javaProxy(ports, allowLocalBinding)]
      .filter((one) => one !== '')
      .join(' '),
  }
}

const forHttp = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'WS_PROXY',
  'WSS_PROXY',
  'NPM_CONFIG_HTTP_PROXY',
  'NPM_CONFIG_HTTPS_PROXY',
  'NPM_CONFIG_PROXY',
  'YARN_HTTP_PROXY',
  'YARN_HTTPS_PROXY',
  'PIP_PROXY',
  'BUNDLE_HTTP_PROXY',
  'BUNDLE_HTTPS_PROXY',
  'DOCKER_HTTP_PROXY',
  'DOCKER_HTTPS_PROXY',
] as const
const forAll = ['ALL_PROXY', 'FTP_PROXY'] as const
const forNone = ['NO_PROXY', 'NPM_CONFIG_NOPROXY', 'YARN_NO_PROXY', 'BUNDLE_NO_PROXY'] as const

/** Java reads no proxy variable; it goes around the proxy for its own machine unless told otherwise. */
function javaProxy({ http }: ProxyPorts, allowLocalBinding: boolean): readonly string[] {
  return [
    '-Dhttp.proxyHost=127.0.0.1',
    `-Dhttp.proxyPort=${http}`,
    '-Dhttps.proxyHost=127.0.0.1',
    `-Dhttps.proxyPort=${http}`,
    ...(allowLocalBinding ? [] : ['-Dhttp.nonProxyHosts=']),
  ]
}
