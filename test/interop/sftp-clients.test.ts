import { afterAll, beforeAll, expect } from "bun:test";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startFtpd } from "./ftpd.ts";
import { apt, needs, run, type Ran } from "./peers.ts";

const stack = new AsyncDisposableStack();
const house = stack.use(await startFtpd());
const big = Uint8Array.from({ length: 3_000_017 }, (_, i) => (i * 11 + (i >> 7)) & 255);
const port = `${house.ports["sftp"]}`;

const here = (name: string): string => join(house.work, name);
const client = (command: readonly string[], input?: string): Promise<Ran> =>
  run(command, {
    cwd: house.work,
    seconds: 60,
    env: { SSHPASS: house.password, HOME: house.work },
    ...(input === undefined ? {} : { input }),
  });
const trusting = [
  "-o",
  "StrictHostKeyChecking=no",
  "-o",
  "UserKnownHostsFile=/dev/null",
  "-o",
  "LogLevel=ERROR",
];
const byPassword = ["-o", "PreferredAuthentications=password,keyboard-interactive", "-o", "BatchMode=no"];
const openssh = apt("sftp", "openssh-client");
const sshpass = apt("sshpass");

async function same(name: string): Promise<void> {
  expect(Buffer.compare(await readFile(here(name)), Buffer.from(big))).toBe(0);
}

beforeAll(async () => {
  await mkdir(here("tree/inner"), { recursive: true });
  await writeFile(here("tree/a b"), "one\n");
  await writeFile(here("tree/inner/ünïcode"), "two\n");
  await writeFile(here("big"), big);
});
afterAll(() => stack.disposeAsync());

needs(openssh, sshpass)("OpenSSH sftp: put, get, list, rename, space, resume", async () => {
  const batch = [
    "put big b1",
    "get b1 s1",
    "mkdir d",
    "rename b1 d/b2",
    "ls -l d",
    "df",
    "put -r tree d",
    "get -r d/tree back",
    "chmod 600 d/b2",
    "rm d/b2",
  ];
  await writeFile(here("batch"), `${batch.join("\n")}\n`);
  const who = [...trusting, ...byPassword, "-P", port, "-b", "batch", `${house.user}@${house.host}`];
  const done = await client(["sshpass", "-e", "sftp", ...who]);
  expect(done).toMatchObject({ code: 0, err: "" });
  expect(done.out).toMatch(/^-rw.* 3000017 .*b2$/m);
  await same("s1");
  expect(await readFile(here("back/inner/ünïcode"), "utf8")).toBe("two\n");
});

for (const cipher of ["aes128-ctr", "aes256-gcm@openssh.com", "aes128-gcm@openssh.com"]) {
  needs(openssh, sshpass)(`scp both ways by SFTP, ${cipher}`, async () => {
    const with_ = [...trusting, ...byPassword, "-c", cipher, "-P", port];
    const remote = `${house.user}@${house.host}:/scp-${cipher}`;
    expect(await client(["sshpass", "-e", "scp", ...with_, "big", remote])).toMatchObject({ code: 0 });
    expect(await client(["sshpass", "-e", "scp", ...with_, remote, "s2"])).toMatchObject({ code: 0 });
    await same("s2");
  });
}

needs(openssh, sshpass)("scp by its own old protocol: a file, a tree with times, and back", async () => {
  const old = ["sshpass", "-e", "scp", "-O", "-p", ...trusting, ...byPassword, "-P", port];
  const at = `${house.user}@${house.host}`;
  expect(await client([...old, "big", `${at}:/old`])).toMatchObject({ code: 0, err: "" });
  expect(await client([...old, `${at}:/old`, "s3"])).toMatchObject({ code: 0, err: "" });
  await same("s3");
  expect(await client([...old, "-r", "tree", `${at}:/old-tree`])).toMatchObject({ code: 0, err: "" });
  expect(await client([...old, "-r", `${at}:/old-tree`, "old-back"])).toMatchObject({ code: 0, err: "" });
  expect(await readFile(here("old-back/inner/ünïcode"), "utf8")).toBe("two\n");
  expect((await client([...old, `${at}:/none`, "s4"])).code).toBe(1);
});

needs(openssh)("a key of the operator's list lets in, another does not", async () => {
  for (const name of ["mine", "other"]) {
    await client(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", name]);
    await chmod(here(name), 0o600);
  }
  await mkdir(join(house.data, "ssh/authorized"), { recursive: true });
  await writeFile(join(house.data, "ssh/authorized", house.user), await readFile(here("mine.pub")));
  const outcome = async (key: string): Promise<number> => {
    const alone = ["-o", "IdentitiesOnly=yes", "-o", "PreferredAuthentications=publickey", "-i", key];
    const ran = await client(
      ["sftp", ...trusting, ...alone, "-P", port, "-b", "-", `${house.user}@${house.host}`],
      "pwd\n",
    );
    return ran.code;
  };
  expect([await outcome("mine"), await outcome("other")]).toEqual([0, 255]);
});

needs(openssh, sshpass)("a shell, a command and a tunnel are refused", async () => {
  const who = ["-p", port, `${house.user}@${house.host}`];
  const login = ["sshpass", "-e", "ssh", ...trusting, ...byPassword];
  expect((await client([...login, ...who, "cat /etc/passwd"])).code).toBe(127);
  expect((await client([...login, "-T", ...who])).out).toBe("");
  const tunnel = await client([...login, "-W", "127.0.0.1:1", ...who]);
  expect(tunnel.code).not.toBe(0);
});

needs(apt("rclone"))("rclone over SFTP finds no difference", async () => {
  const hidden = (await run(["rclone", "obscure", house.password])).out.trim();
  const who = [
    "--sftp-host",
    house.host,
    "--sftp-port",
    port,
    "--sftp-user",
    house.user,
    "--sftp-pass",
    hidden,
  ];
  const quiet = ["--config", "/dev/null", "--sftp-disable-hashcheck"];
  expect((await client(["rclone", "copy", "tree", ":sftp:/rc", ...who, ...quiet])).code).toBe(0);
  const checked = await client(["rclone", "check", "--download", "tree", ":sftp:/rc", ...who, ...quiet]);
  expect(checked.err).toContain("0 differences found");
});

needs(apt("lftp"))("lftp mirrors over SFTP", async () => {
  const settings = `set sftp:auto-confirm yes; set sftp:connect-program "ssh -a -x ${trusting.join(" ")}";`;
  const open = `open -u ${house.user},${house.password} -p ${port} sftp://${house.host};`;
  const done = await client([
    "lftp",
    "-c",
    `${settings}${open}mirror -R tree lf; mirror lf lf-back; cls -1 lf`,
  ]);
  expect(done.code).toBe(0);
  expect(await readFile(here("lf-back/a b"), "utf8")).toBe("one\n");
});

needs(apt("psftp", "putty-tools"))("PuTTY's psftp and pscp", async () => {
  const keys = await client(["ssh-keygen", "-lf", join(house.data, "ssh/host-ed25519.pub")]);
  const print = /SHA256:\S+/.exec(keys.out)![0];
  const who = ["-P", port, "-l", house.user, "-pw", house.password, "-batch", "-hostkey", print];
  await writeFile(here("ps"), "put big ps\nget ps ps-back\nls\n");
  expect(await client(["psftp", ...who, "-b", "ps", house.host])).toMatchObject({ code: 0 });
  await same("ps-back");
  for (const way of ["-sftp", "-scp"]) {
    expect((await client(["pscp", way, ...who, "big", `${house.host}:/ps2`])).code).toBe(0);
    expect((await client(["pscp", way, ...who, `${house.host}:/ps2`, `ps${way}`])).code).toBe(0);
    await same(`ps${way}`);
  }
});

needs(apt("dbclient", "dropbear-bin"), openssh)("dropbear's client carries OpenSSH's sftp", async () => {
  await writeFile(here("db"), `#!/bin/sh\nexec env DROPBEAR_PASSWORD="$SSHPASS" dbclient -y -y "$@"\n`);
  await chmod(here("db"), 0o755);
  const options = ["-S", here("db"), "-P", port, "-b", "-"];
  const done = await client(
    ["sftp", ...options, `${house.user}@${house.host}`],
    "put big db\nget db db-back\n",
  );
  expect(done.code).toBe(0);
  await same("db-back");
});

needs(apt("python3", "python3-paramiko"))("paramiko: transport, files, posix_rename", async () => {
  await writeFile(here("para.py"), paramiko);
  const done = await client(["/usr/bin/python3", "para.py", house.host, port, house.user, house.password]);
  expect(done).toMatchObject({ code: 0, out: "done\n" });
});

const paramiko = `
import paramiko, sys
host, port, user, password = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
t = paramiko.Transport((host, port))
t.connect(username=user, password=password)
s = paramiko.SFTPClient.from_transport(t)
body = bytes(range(256)) * 4000
with s.open("/para", "wb") as f: f.write(body)
with s.open("/para", "rb") as f: assert f.read() == body
assert s.stat("/para").st_size == len(body)
with s.open("/para2", "wb") as f: f.write(b"x")
try:
    s.rename("/para", "/para2"); raise SystemExit("rename replaced")
except IOError: pass
s.posix_rename("/para", "/para2")
assert s.stat("/para2").st_size == len(body)
s.utime("/para2", (1, 1600000000))
assert s.stat("/para2").st_mtime == 1600000000
s.truncate("/para2", 10)
assert s.stat("/para2").st_size == 10
assert s.normalize("../../..") == "/"
s.mkdir("/pd"); assert "pd" in s.listdir("/"); s.rmdir("/pd")
s.remove("/para2")
t.close()
print("done")
`;
