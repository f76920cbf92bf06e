import { expect, test } from "bun:test";
import { array, assert, constantFrom, oneof, property, string } from "fast-check";
import { must } from "../../base/result.ts";
import { importChrony } from "./chrony.ts";
import { importNtpConf } from "./ntp-conf.ts";
import { importSimpleUtcd } from "./simple-utcd.ts";

test("Debian's chrony.conf, and a server's", () => {
  const { settings, notes } = importChrony(`
# Welcome to the chrony configuration file.
confdir /etc/chrony/conf.d
pool 2.debian.pool.ntp.org iburst
server time.example.org nts ntsport 4461 prefer minpoll 4 maxpoll 8
server 192.0.2.1 key 7 port 1123 maxdelay 0.1
sourcedir /run/chrony-dhcp
keyfile /etc/chrony/chrony.keys
driftfile /var/lib/chrony/chrony.drift
maxupdateskew 100.0
rtcsync
makestep 0.5 -1
leapsectz right/UTC
allow 10.1
allow 2001:db8::/32
deny 10.1.2.0/24
local stratum 8
ratelimit interval 1 burst 4
maxslewrate 1000
refclock SHM 0 refid GPS precision 1e-1
refclock PHC /dev/ptp0
`);
  expect(settings).toEqual({
    clock: {
      servers: [
        "2.debian.pool.ntp.org pool",
        "time.example.org nts ntsport 4461 prefer",
        "192.0.2.1 key 7 port 1123",
      ],
      minPoll: 4,
      maxPoll: 8,
      stepAbove: "500ms",
      stepUpdates: 1_000_000,
      maxSlew: 500,
      refclocks: ["shm 0 refid GPS noise 0.1"],
    },
    ntp: {
      keyFile: "/etc/chrony/chrony.keys",
      allow: ["10.1.0.0/16", "2001:db8::/32"],
      deny: ["10.1.2.0/24"],
      localStratum: 8,
      rateInterval: "2s",
      rateBurst: 4,
      rateLeak: 4,
    },
  });
  expect(notes.map(({ line, what }) => [line, what.split(" ")[0]])).toEqual([
    [3, "import"],
    [6, "maxdelay"],
    [7, "import"],
    [13, "the"],
    [21, "PHC"],
  ]);
});

test("a chrony that serves nobody stays one", () => {
  const { settings } = importChrony("server a.example iburst\n");
  expect(settings["ntp"]).toEqual({ allow: ["127.0.0.0/8", "::1/128"], localStratum: 0 });
});

test("an ntp.conf: restrictions, clocks by their address, fudge", () => {
  const { settings, notes } = importNtpConf(`
driftfile /var/lib/ntp/ntp.drift
leapfile /usr/share/zoneinfo/leap-seconds.list
tinker panic 0 step 0.2
tos minsane 3 maxclock 11
restrict default ignore
restrict -6 default kod nomodify ignore
restrict 192.168.7.0 mask 255.255.255.0 nomodify notrap
restrict 203.0.113.9 noserve
server 127.127.28.0 minpoll 4 prefer
fudge 127.127.28.0 refid GPS time1 0.1
server 127.127.1.0
fudge 127.127.1.0 stratum 12
pool 0.pool.ntp.org iburst
server -4 ntp.example.net key 3
nts enable
nts cert /etc/a.pem key /etc/k.pem
`);
  expect(settings).toEqual({
    clock: {
      leapFile: "/usr/share/zoneinfo/leap-seconds.list",
      panicAbove: "365d",
      stepAbove: "200ms",
      minSources: 3,
      servers: ["0.pool.ntp.org pool", "ntp.example.net key 3"],
      refclocks: ["shm 0 prefer refid GPS"],
    },
    ntp: {
      localStratum: 12,
      allow: ["127.0.0.0/8", "::1/128", "192.168.7.0/24"],
      deny: ["203.0.113.9/32"],
    },
    nts: { enabled: true, certificate: "/etc/a.pem", key: "/etc/k.pem" },
  });
  expect(notes.map(({ line }) => line)).toEqual([5, 11]);
});

test("simple-utcd in its three forms", () => {
  const ini = '[network]\nlisten_address = "0.0.0.0"\nlisten_port = 37\n[time]\nstratum = 2\n';
  const yaml = "network:\n  listen_address: 0.0.0.0\n  listen_port: 37\ntime:\n  stratum: 2\n";
  const json = '{"network": {"listen_address": "0.0.0.0", "listen_port": 37}, "time": {"stratum": 2}}';
  for (const text of [ini, yaml, json]) {
    expect(must(importSimpleUtcd(text)).settings).toEqual({
      time: { listen: "0.0.0.0:37", enabled: true },
      ntp: { localStratum: 2 },
    });
  }
  const secret = must(importSimpleUtcd("authentication_key = hunter2\n"));
  expect(JSON.stringify(secret)).not.toContain("hunter2");
  expect(importSimpleUtcd("{{{").ok).toBe(false);
});

const words = [
  "server",
  "pool",
  "restrict",
  "refclock",
  "allow",
  "fudge",
  "tos",
  "key",
  "mask",
  "127.127.1.0",
];

test("whatever stands there, reading it ends, and gives settings or notes", () => {
  const line = array(oneof(constantFrom(...words), string({ maxLength: 12 })), { maxLength: 8 });
  const text = array(line, { maxLength: 20 }).map((lines) => lines.map((l) => l.join(" ")).join("\n"));
  assert(
    property(text, (said) => {
      importChrony(said);
      importNtpConf(said);
      importSimpleUtcd(said);
    }),
    { numRuns: 300 },
  );
});
