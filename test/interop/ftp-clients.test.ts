import { afterAll, beforeAll, expect } from "bun:test";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startFtpd } from "./ftpd.ts";
import { apt, needs, run, type Ran } from "./peers.ts";

const stack = new AsyncDisposableStack();
const house = stack.use(await startFtpd());
/** Odd enough that nothing shifts unnoticed. */
const big = Uint8Array.from({ length: 5_000_011 }, (_, i) => (i * 7 + (i >> 9)) & 255);

beforeAll(async () => {
  await mkdir(join(house.work, "tree/inner"), { recursive: true });
  await writeFile(join(house.work, "tree/a b.txt"), "one\ntwo\n");
  await writeFile(join(house.work, "tree/inner/ünïcode"), "three\n");
  await writeFile(join(house.work, "big"), big);
});
afterAll(() => stack.disposeAsync());

const here = (name: string): string => join(house.work, name);
const client = (command: readonly string[], input?: string): Promise<Ran> =>
  run(command, { cwd: house.work, seconds: 60, ...(input === undefined ? {} : { input }) });
const url = (path: string, scheme = "ftp"): string =>
  `${scheme}://${house.host}:${house.ports[scheme === "ftps" ? "ftps" : "ftp"]}${path}`;
const login = (): string => `${house.user}:${house.password}`;

async function same(name: string): Promise<void> {
  expect(Buffer.compare(await readFile(here(name)), Buffer.from(big))).toBe(0);
}
const curl = (...more: string[]): Promise<Ran> =>
  client(["curl", "-sS", "--max-time", "40", "-u", login(), ...more]);

needs(apt("curl"))("curl in clear: put, get, ranges, resume, folders, active mode", async () => {
  expect((await curl("-T", "big", url("/c/d/big"), "--ftp-create-dirs")).err).toBe("");
  await curl(url("/c/d/big"), "-o", "c1");
  await same("c1");
  const range = await curl("-r", "100-199", url("/c/d/big"), "-o", "c2");
  expect(range.code).toBe(0);
  expect([...(await readFile(here("c2")))]).toEqual([...big.subarray(100, 200)]);
  await writeFile(here("c3"), big.subarray(0, 1_000_000));
  await curl("-C", "-", url("/c/d/big"), "-o", "c3");
  await same("c3");
  await curl("--ftp-port", "-", "--disable-eprt", url("/c/d/big"), "-o", "c4");
  await same("c4");
  const quoted = await curl(
    "-Q",
    "SITE CHMOD 600 c/d/big",
    "-Q",
    "RNFR c/d/big",
    "-Q",
    "RNTO c/moved",
    url("/c/"),
  );
  expect(quoted.out).toContain(" moved");
});

for (const version of ["1.2", "1.3"]) {
  needs(apt("curl"))(`curl over TLS ${version}, explicit and implicit`, async () => {
    const tls = ["-k", "--ssl-reqd", "--tls-max", version, `--tlsv${version}`];
    const put = await curl(...tls, "-T", "big", url("/tls"));
    expect(put).toMatchObject({ code: 0, err: "" });
    await curl(...tls, url("/tls"), "-o", "t1");
    await same("t1");
    await curl(...tls, url("/tls", "ftps"), "-o", "t2");
    await same("t2");
  });
}

needs(apt("curl"))("curl trusts the house's own authority", async () => {
  const ca = join(house.data, "ca/house-ca.crt");
  const got = await curl("--ssl-reqd", "--cacert", ca, url("/"));
  expect(got).toMatchObject({ code: 0, err: "" });
});

for (const secure of [false, true]) {
  needs(apt("lftp"))(`lftp mirrors both ways, ${secure ? "over TLS" : "in clear"}, pipelined`, async () => {
    const ssl = `set ssl:verify-certificate no; set ftp:ssl-allow ${secure}; set ftp:ssl-force ${secure};`;
    const open = `set ftp:sync-mode off; open -u ${house.user},${house.password} ${url("")};`;
    const name = `lftp-${secure}`;
    const script = `mirror -R tree /${name}; put big -o /${name}/big; mirror --parallel=4 /${name} ${name};`;
    const done = await client(["lftp", "-c", ssl + open + script]);
    expect(done.err).toBe("");
    await same(`${name}/big`);
    expect(await readFile(here(`${name}/inner/ünïcode`), "utf8")).toBe("three\n");
    const times = await Promise.all(["tree/a b.txt", `${name}/a b.txt`].map((path) => stat(here(path))));
    expect(Math.trunc(times[0]!.mtimeMs / 1000)).toBe(Math.trunc(times[1]!.mtimeMs / 1000));
    const gone = await client(["lftp", "-c", `${ssl}${open}rm -r /${name}; cls /`]);
    expect(gone.out).not.toContain(name);
  });
}

needs(apt("python3"))("Python's ftplib, over TLS and in clear", async () => {
  await writeFile(here("ftp.py"), python);
  const tls = await client([
    "python3",
    "ftp.py",
    house.host,
    `${house.ports["ftp"]}`,
    house.user,
    house.password,
  ]);
  expect(tls).toMatchObject({ code: 0, err: "", out: "done\n" });
});

needs(apt("ncftpput", "ncftp"))("ncftp", async () => {
  const who = ["-u", house.user, "-p", house.password, "-P", `${house.ports["ftp"]}`];
  expect((await client(["ncftpput", ...who, "-m", house.host, "/nc", "big"])).code).toBe(0);
  expect((await client(["ncftpget", ...who, house.host, "tree", "/nc/big"])).code).toBe(0);
  await same("tree/big");
  await run(["rm", here("tree/big")]);
  expect((await client(["ncftpls", ...who, "-m", `ftp://${house.host}/nc`])).out).toContain("; big");
});

needs(apt("tnftp"))("tnftp, a script", async () => {
  const script = `user ${house.user} ${house.password}\nbinary\nput big tn\nmlsd\nget tn tn\nquit\n`;
  const said = await client(["tnftp", "-n", "-i", "-v", house.host, `${house.ports["ftp"]}`], script);
  expect(said.out).toContain("226 ");
  await same("tn");
});

for (const passive of [false, true]) {
  needs(apt("inetutils-ftp"))(`inetutils ftp, ${passive ? "passive" : "active"}`, async () => {
    const mode = passive ? ["-p"] : [];
    const moves = `put big in\nls\nget in in${passive}`;
    const script = `user ${house.user} ${house.password}\nbinary\n${moves}\nquit\n`;
    await client(["inetutils-ftp", "-n", "-i", ...mode, house.host, `${house.ports["ftp"]}`], script);
    await same(`in${passive}`);
  });
}

needs(apt("wget"), apt("curl"))("wget mirrors a folder, passive and active", async () => {
  await curl("--ftp-create-dirs", "-T", "tree/inner/ünïcode", url("/w/x/file"));
  for (const mode of ["--passive-ftp", "--no-passive-ftp"]) {
    const who = [`--user=${house.user}`, `--password=${house.password}`];
    const got = await client(["wget", "-q", "-m", "-nH", mode, ...who, url("/w/"), "-P", `wget${mode}`]);
    expect(got.code).toBe(0);
    expect(await readFile(here(`wget${mode}/w/x/file`), "utf8")).toBe("three\n");
  }
});

needs(apt("aria2c", "aria2"), apt("curl"))("aria2 in four segments", async () => {
  await curl("-T", "big", url("/ar"));
  const who = [`--ftp-user=${house.user}`, `--ftp-passwd=${house.password}`];
  await client(["aria2c", "-q", "-x4", "-s4", "-k1M", ...who, url("/ar"), "-o", "ar"]);
  await same("ar");
});

needs(apt("rclone"))("rclone copies with four transfers and finds no difference", async () => {
  const hidden = (await run(["rclone", "obscure", house.password])).out.trim();
  const port = `${house.ports["ftp"]}`;
  const who = ["--ftp-host", house.host, "--ftp-port", port, "--ftp-user", house.user, "--ftp-pass", hidden];
  const tls = ["--ftp-explicit-tls", "--ftp-no-check-certificate", "--config", "/dev/null"];
  const copied = await client(["rclone", "copy", "--transfers", "4", "tree", ":ftp:/rc", ...who, ...tls]);
  expect(copied.code).toBe(0);
  const checked = await client(["rclone", "check", "--download", "tree", ":ftp:/rc", ...who, ...tls]);
  expect(checked.err).toContain("0 differences found");
  await client(["rclone", "copy", ":ftp:/rc", "rc", ...who, ...tls]);
  expect((await readdir(here("rc"))).sort()).toEqual(["a b.txt", "inner"]);
});

const python = `
import ftplib, io, ssl, sys
host, port, user, password = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
def session(ftp, name):
    ftp.connect(host, port)
    ftp.login(user, password)
    if hasattr(ftp, "prot_p"): ftp.prot_p()
    body = bytes(range(256)) * 5000
    ftp.storbinary("STOR " + name, io.BytesIO(body))
    back = io.BytesIO()
    ftp.retrbinary("RETR " + name, back.write)
    assert back.getvalue() == body
    back = io.BytesIO()
    ftp.retrbinary("RETR " + name, back.write, rest=1000)
    assert back.getvalue() == body[1000:]
    facts = dict(ftp.mlsd("", ["type", "size"]))
    assert facts[name] == {"type": "file", "size": str(len(body))}, facts
    assert name in ftp.nlst()
    ftp.rename(name, name + ".2")
    ftp.voidcmd("TYPE I")
    assert ftp.size(name + ".2") == len(body)
    ftp.storlines("STOR " + name, io.BytesIO(b"a\\nb\\n"))
    lines = []
    ftp.retrlines("RETR " + name, lines.append)
    assert lines == ["a", "b"]
    ftp.delete(name); ftp.delete(name + ".2")
    assert ftp.mkd("py") == "/py"
    assert ftp.cwd("py").startswith("250") and ftp.pwd() == "/py"
    ftp.cwd(".."); ftp.rmd("py")
    ftp.quit()
session(ftplib.FTP(), "plain")
session(ftplib.FTP_TLS(context=ssl._create_unverified_context()), "secured")
print("done")
`;
