/** One promise about the network of a run that is limited to a proxy. The script ends with 0 exactly when it was broken. */
export type NetworkRow = {
  readonly promise: string
  readonly attempt: string
  /** Why it is not tried without a boundary. Absent: it is, and must work. */
  readonly noControl?: string
}

const tcp = (host: string, port: string) => `exec 3<>/dev/tcp/${host}/${port}`
const udp = (host: string, port: string) => `exec 3<>/dev/udp/${host}/${port} && echo x >&3`
const socket = (...numbers: number[]) => `"$CALL" socket ${numbers.join(' ')}`
const far = 'no machine of a test answers at this address'
const oneAddress = 'the server of the test listens on 127.0.0.1 alone'

export const networkRows: readonly NetworkRow[] = [
  { promise: 'a server on the loopback of the host', attempt: tcp('127.0.0.1', '$PORT') },
  { promise: 'the same by its name', attempt: tcp('localhost', '$PORT') },
  {
    promise: 'the same by another address of the loopback',
    attempt: tcp('127.0.0.2', '$PORT'),
    noControl: oneAddress,
  },
  { promise: 'the same by the address of everything', attempt: tcp('0.0.0.0', '$PORT') },
  { promise: 'the same over IPv6', attempt: tcp('::1', '$PORT'), noControl: oneAddress },
  { promise: 'the same by a mapped address', attempt: tcp('::ffff:127.0.0.1', '$PORT') },
  ...['10.1.2.3', '172.16.0.1', '192.168.0.1', '100.64.0.1', '169.254.169.254', '8.8.8.8', '198.18.0.1'].map(
    (host) => ({
      promise: `${host}, by TCP`,
      attempt: tcp(host, '80'),
      noControl: far,
    }),
  ),
  ...['fe80::1', 'fd00::1', '2001:4860:4860::8888', '64:ff9b::808:808'].map((host) => ({
    promise: `${host}, by TCP`,
    attempt: tcp(host, '80'),
    noControl: far,
  })),
  ...[
    '10.1.2.3',
    '169.254.169.254',
    '8.8.8.8',
    '224.0.0.251',
    '255.255.255.255',
    '2001:4860:4860::8888',
    'ff02::1',
  ].map((host) => ({ promise: `${host}, by UDP`, attempt: udp(host, '53'), noControl: far })),
  {
    promise: 'a name is not resolved',
    attempt: 'getent hosts example.com',
    noControl: 'a test needs no network',
  },
  { promise: 'an abstract socket of the host', attempt: '"$TRY" abstract "$ABSTRACT"' },
  { promise: 'the socket of the proxy itself', attempt: '"$TRY" abstract "$PROXY"' },
  { promise: 'no unix socket', attempt: socket(1, 1, 0) },
  { promise: 'no unix datagrams', attempt: socket(1, 2, 0) },
  { promise: 'no netlink for routes', attempt: socket(16, 3, 0) },
  ...(
    [
      ['raw IPv4', 2, 3, 1],
      ['raw IPv6', 10, 3, 58],
      ['packets', 17, 3, 3],
      ['packets without a header', 17, 2, 3],
      ['virtual machines', 40, 1, 0],
      ['netlink for firewalls', 16, 3, 12],
      ['Bluetooth', 31, 3, 0],
    ] as const
  ).map(([what, ...numbers]) => ({
    promise: `no socket for ${what}`,
    attempt: socket(...numbers),
    noControl: 'not every user or kernel has it',
  })),
  { promise: 'no namespace is joined', attempt: '"$CALL" setns' },
  { promise: 'no network of its own', attempt: '"$CALL" ns-network' },
  { promise: 'no descriptor is taken from a process', attempt: '"$CALL" pidfd-getfd' },
  { promise: 'not even a child is traced', attempt: '"$CALL" ptrace-child' },
  { promise: 'the supervisor is not there to be ended', attempt: 'kill -CONT "$HOST_PID"' },
  { promise: 'nor are its descriptors', attempt: 'ls "/proc/$HOST_PID/fd" > /dev/null' },
  {
    promise: 'no descriptor of the relay is open',
    attempt: 'for fd in /proc/self/fd/*; do readlink "$fd"; done | grep socket',
    noControl: 'outside there is none either',
  },
]
