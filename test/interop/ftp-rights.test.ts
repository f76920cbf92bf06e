// No side doors: what a user may not do by one command they can do by none, in FTP, SFTP and scp.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { FtpCaller } from "./ftp-caller.ts";
import { startFtpd } from "./ftpd.ts";
import { apt, needs, run } from "./peers.ts";

const stack = new AsyncDisposableStack();
const house = stack.use(await startFtpd());
const password = "correct horse battery";
const grants = {
  reader: ["object.read", "object.list", "bucket.read"],
  dropper: ["object.write", "object.list", "bucket.read"],
  lister: ["object.list", "bucket.read"],
  remover: ["object.delete", "object.list", "bucket.read"],
  owner: ["object.read", "object.write", "object.delete", "object.list", "bucket.read"],
} as const;
type Who = Exclude<keyof typeof grants, "owner">;
const users = ["reader", "dropper", "lister", "remover"] as const;

beforeAll(async () => {
  await house.admin("POST", "/buckets", { name: "yard" });
  const home = { bucket: "yard", prefix: "" };
  for (const [name, verbs] of Object.entries(grants)) {
    const { id } = (await house.admin("POST", "/users", { name, password, home })) as { id: string };
    const grant = { effect: "allow", who: { user: name }, verbs, bucket: "yard", prefix: "" };
    expect(id).not.toBe("");
    await house.admin("POST", "/grants", grant);
  }
  const owner = await new FtpCaller(house.ports["ftp"]!).signIn("owner", password);
  stack.use(owner);
  for (const name of ["a", "b", "c", "spare"]) await owner.stored(`STOR ${name}`, `body of ${name}`);
  await owner.ask("MKD d");
});
afterAll(() => stack.disposeAsync());

const callerAs = (who: Who): Promise<FtpCaller> =>
  stack.use(new FtpCaller(house.ports["ftp"]!)).signIn(who, password);

/** Commands that read content, change it, see names, or take away; each with what it needs. */
const asks: readonly { readonly line: string; readonly needs: readonly (Who | "nobody")[] }[] = [
  { line: "HASH a", needs: ["reader"] },
  { line: "XCRC a", needs: ["reader"] },
  { line: "MD5 a", needs: ["reader"] },
  { line: "MFMT 20200101000000 a", needs: ["dropper"] },
  { line: "MFF Modify=20200101000000; a", needs: ["dropper"] },
  { line: "SITE CHMOD 600 a", needs: ["dropper"] },
  { line: "SITE UTIME 20200101000000 a", needs: ["dropper"] },
  { line: "COMB a b", needs: ["nobody"] },
  { line: "RMD d", needs: ["remover"] },
];

test("FTP: every command asks the same permissions", async () => {
  for (const who of users) {
    const caller = await callerAs(who);
    const told: [string, Who, boolean][] = [];
    for (const { line } of asks) {
      if (line === "RMD d" && who === "remover") continue;
      told.push([line, who, (await caller.code(line)) < 300]);
    }
    expect(told).toEqual(told.map(([line]) => [line, who, needed(line).includes(who)]));
    const copied = [await caller.code("SITE CPFR a"), await caller.code(`SITE CPTO copy-${who}`)];
    expect([who, copied.at(-1)! < 300]).toEqual([who, false]);
    const renamed = [await caller.code("RNFR spare"), await caller.code("RNTO taken")];
    expect([who, renamed.at(-1)! < 300]).toEqual([who, false]);
    expect([who, (await caller.fetched("RETR a")).codes]).toEqual([
      who,
      who === "reader" ? "150 226" : "550",
    ]);
    const put = await caller.stored(`STOR new-${who}`, "x");
    expect([who, put]).toEqual([who, who === "dropper" ? "150 226" : "550"]);
    const appended = await caller.stored("APPE b", "x");
    // What is added to is read, to be written again as a whole.
    expect([who, appended.endsWith("226")]).toEqual([who, false]);
    const unique = await caller.stored("STOU", "x");
    expect([who, unique.endsWith("226")]).toEqual([who, who === "dropper"]);
    expect([who, (await caller.code(`MKD made-${who}`)) < 300]).toEqual([who, who === "dropper"]);
    const listing = await caller.fetched("MLSD");
    expect([who, listing.body.toString().includes("; a")]).toEqual([who, true]);
    expect(listing.body.toString()).toContain(`Perm=${perms[who]};`);
    expect([who, (await caller.code("DELE c")) < 300]).toEqual([who, who === "remover"]);
  }
});
/** What MLSD tells of a file (RFC 3659 §7.5.5). */
const perms = { reader: "r", dropper: "aw", lister: "", remover: "d" } as const;
const needed = (line: string): readonly string[] => asks.find((one) => one.line === line)!.needs;

needs(apt("sshpass"), apt("sftp", "openssh-client"))(
  "SFTP and scp: the same",
  async () => {
    const trusting = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"];
    const options = trusting.flatMap((option) => ["-o", option]);
    const sftp = async (who: Who, line: string): Promise<boolean> => {
      const port = `${house.ports["sftp"]}`;
      const command = [
        "sshpass",
        "-e",
        "sftp",
        ...options,
        "-oBatchMode=no",
        "-P",
        port,
        "-b",
        "-",
        `${who}@127.0.0.1`,
      ];
      const ran = await run(command, { input: `${line}\n`, env: { SSHPASS: password }, cwd: house.work });
      return ran.code === 0;
    };
    await Bun.write(`${house.work}/up`, "up");
    const rows: readonly [string, readonly Who[]][] = [
      ["get a down", ["reader"]],
      ["put up up", ["dropper"]],
      ["rename spare taken", []],
      ["cp spare copied", []],
      ["mkdir sd", ["dropper"]],
      ["chmod 600 b", ["dropper"]],
    ];
    for (const who of ["reader", "dropper", "lister"] as const) {
      const told = [];
      for (const [line] of rows) told.push([who, line, await sftp(who, line)]);
      expect(told).toEqual(rows.map(([line, allowed]) => [who, line, allowed.includes(who)]));
    }
    const scp = async (who: Who): Promise<boolean> => {
      const port = `${house.ports["sftp"]}`;
      const command = [
        "sshpass",
        "-e",
        "scp",
        "-O",
        ...options,
        "-P",
        port,
        `${who}@127.0.0.1:/a`,
        "scp-down",
      ];
      return (await run(command, { env: { SSHPASS: password }, cwd: house.work })).code === 0;
    };
    expect([await scp("reader"), await scp("dropper"), await scp("lister")]).toEqual([true, false, false]);
  },
  60_000,
);
