/** Configurations of holdfast-utcd to begin with, each for one place. What stands in them is all that differs
 *  from the defaults there. */
export interface TimeTemplate {
  readonly name: string;
  readonly does: string;
  /** The text of utcd.yaml. */
  readonly text: string;
}

export const timeTemplates: readonly TimeTemplate[] = [
  {
    name: "client",
    does: "keeps this host's clock by the Internet's servers, and serves nobody else",
    text: `# A host that wants the time. NTS where it is offered; four more, so that a liar is outvoted.
clock:
  servers:
    - time.cloudflare.com nts
    - nts.netnod.se nts
    - ptbtime1.ptb.de nts
    - pool.ntp.org pool
  minSources: 2
ntp:
  listen: 127.0.0.1:123
  allow: [127.0.0.0/8]
  localStratum: 0
nts: { enabled: false }
time: { enabled: false }
daytime: { enabled: false }
roughtime: { enabled: false }
`,
  },
  {
    name: "lan-server",
    does: "serves the networks of a house, with NTS, and keeps its own clock by the Internet's servers",
    text: `# The time server of a house or an office.
clock:
  servers:
    - time.cloudflare.com nts
    - nts.netnod.se nts
    - ptbtime1.ptb.de nts
    - pool.ntp.org pool
  minSources: 3
ntp:
  # Private networks; add your own where they are others.
  allow: [127.0.0.0/8, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, "::1/128", "fc00::/7", "fe80::/10"]
  # When the Internet is gone the house goes on together.
  localStratum: 10
nts: { enabled: true }
time: { enabled: false }
daytime: { enabled: false }
`,
  },
  {
    name: "stratum-1",
    does: "serves the time of a GPS receiver that gpsd reads, checked against servers",
    text: `# A receiver at gpsd; its pulse (PPS), if gpsd has it, is used by itself.
# The servers tell when it lies.
clock:
  refclocks:
    - gpsd 127.0.0.1:2947 refid GPS uncertainty 0.001 prefer
  servers:
    - time.cloudflare.com nts
    - nts.netnod.se nts
    - ptbtime1.ptb.de nts
  stepUpdates: 1
ntp:
  localStratum: 0
nts: { enabled: true }
evidence: { interval: 16s }
`,
  },
  {
    name: "container",
    does: "serves right time from a container, which may not set any clock",
    text: `# The host's clock is left alone; what is served, and GET /time, is corrected.
clock:
  mode: observe
  servers:
    - time.cloudflare.com nts
    - nts.netnod.se nts
    - pool.ntp.org pool
ntp:
  listen: "[::]:11123"
  localStratum: 0
nts: { enabled: false }
time: { enabled: false }
daytime: { enabled: false }
roughtime: { enabled: false }
httpTime: { listen: "[::]:11180" }
`,
  },
  {
    name: "air-gapped",
    does: "holds a network without an Internet together, by this host's own clock",
    text: `# No source: everybody here has the same time, and is told how little it is worth. Name a
# receiver or a server under clock as soon as there is one.
ntp:
  localStratum: 8
  localError: 1s
nts: { enabled: true }
time: { enabled: true }
daytime: { enabled: true }
`,
  },
  {
    name: "exchange",
    does: "keeps a clock that stamps trades: never stepped while running, and evidence every ten seconds",
    text: `# For MiFID II RTS 25 or FINRA 4590: see holdfast time report --profile. Put your own stratum-1
# servers here: servers on the Internet cannot hold 100 µs.
clock:
  servers:
    - ntp1.example.net nts prefer
    - ntp2.example.net nts
    - ntp3.example.net nts
    - time.cloudflare.com nts
  mode: auto
  minSources: 3
  minPoll: 2
  maxPoll: 4
  maxDistance: 50ms
  # Only what is wrong at the very start may be stepped.
  stepUpdates: 1
  stepAbove: 100ms
  panicAbove: 1s
  maxSlew: 100
ntp:
  localStratum: 0
nts: { enabled: true }
time: { enabled: false }
daytime: { enabled: false }
evidence: { enabled: true, interval: 10s }
`,
  },
];
